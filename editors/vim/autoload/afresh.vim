" What `reload/status` said, in the statusline and in words; the server's commands.

let s:words = {'rolledBack': 'rolled back'}
let s:modes = ['off', 'explicit', 'all']
" By connection: mode, report, programs.
let s:states = {}
let s:attaching = 0

" ALE says that a server has started, but not which.
function! afresh#Attach() abort
    if s:attaching || !exists('*ale#linter#Get')
        return
    endif

    for l:linter in ale#linter#Get(&filetype)
        if l:linter.name is# 'afresh'
            let s:attaching = 1

            try
                call ale#lsp_linter#StartLSP(bufnr(''), l:linter, function('s:Attached'))
            finally
                let s:attaching = 0
            endtry
        endif
    endfor
endfunction

function! s:Attached(linter, details) abort
    let l:id = a:details.connection_id
    call setbufvar(a:details.buffer, 'afresh_connection', l:id)

    if !has_key(s:states, l:id)
        let l:settings = ale#Var(a:details.buffer, 'python_afresh_settings')
        let s:states[l:id] = {'mode': get(l:settings, 'mode', 'all'), 'report': {}, 'programs': -1}
        call ale#lsp#RegisterCallback(l:id, function('s:Handle'))
        redrawstatus!
    endif
endfunction

function! s:Handle(id, message) abort
    if get(a:message, 'method', '') isnot# 'reload/status'
        return
    endif

    let l:report = get(a:message, 'params', {})
    let l:state = s:states[a:id]
    let l:programs = len(get(l:report, 'hosts', []))

    if get(l:report, 'version') != 1
        return
    elseif l:report.phase is# 'hosts'
        let l:state.programs = l:programs
    elseif l:report.sequence >= get(l:state.report, 'sequence', 0) && !s:IsToldAgain(l:state, l:report)
        let l:state.report = l:report
        let l:state.ticks = s:Ticks(l:report)
        let l:state.programs = max([l:programs, l:state.programs])
    endif

    redrawstatus!
endfunction

" ALE 3.3 tells the server of one save twice where it checks a buffer for another reason meanwhile: what came of the save stays.
function! s:IsToldAgain(state, report) abort
    let l:hosts = map(copy(a:report.hosts), {_, host -> host.id})

    return a:report.outcome is# 'unchanged' && a:report.phase is# 'applied' && !empty(a:state.report)
    \   && a:report.trigger.uris == a:state.report.trigger.uris
    \   && l:hosts == map(copy(a:state.report.hosts), {_, host -> host.id})
    \   && s:Ticks(a:report) == a:state.ticks
endfunction

" Of the buffers of a report: which edit they are at.
function! s:Ticks(report) abort
    return map(copy(a:report.trigger.uris), {_, uri -> getbufvar(bufnr(ale#path#FromFileURI(uri)), 'changedtick')})
endfunction

function! s:State() abort
    return get(s:states, get(b:, 'afresh_connection', ''), {})
endfunction

function! s:Stale(report) abort
    let l:total = 0

    for l:host in a:report.hosts
        let l:total += get(l:host, 'staleTotal', 0)
    endfor

    return l:total
endfunction

function! s:Outcome(report) abort
    let l:total = a:report.outcome is# 'stale' ? s:Stale(a:report) : 0

    return l:total ? l:total . ' stale' : get(s:words, a:report.outcome, a:report.outcome)
endfunction

" For 'statusline': what the last save did, empty where no server runs.
function! afresh#StatusLine() abort
    let l:state = s:State()

    if empty(l:state)
        return ''
    endif

    let l:report = l:state.report

    if l:state.mode is# 'off'
        return 'afresh: off'
    elseif get(l:report, 'outcome', '') is# 'blocked'
        let l:text = 'blocked'
    elseif l:state.programs == 0
        let l:text = 'no program'
    elseif empty(get(l:report, 'hosts', []))
        let l:text = 'ready'
    else
        let l:text = s:Outcome(l:report)
    endif

    return 'afresh: ' . l:text . (l:state.mode is# 'explicit' ? ' (explicit)' : '')
endfunction

" The last report as the server sent it, for scripts.
function! afresh#Report() abort
    return get(s:State(), 'report', {})
endfunction

function! s:ModuleLines(module) abort
    let l:because = get(a:module, 'because', {})
    let l:why = get(l:because, 'kind', '') is# 'dependent' ? ' (uses ' . l:because.of . ')' : ''
    let l:outcome = get(s:words, a:module.outcome, a:module.outcome)
    let l:lines = [printf('    %s: %s, generation %d%s', a:module.name, l:outcome, a:module.generation, l:why)]

    for l:change in get(a:module, 'changes', [])
        if !l:change.applied
            let l:reason = get(l:change, 'reason', l:change.change)
            call add(l:lines, printf('      not applied: %s: %s', l:change.symbol, l:reason))
        endif
    endfor

    if has_key(a:module, 'error')
        call add(l:lines, '      ' . a:module.error.message)
    endif

    return l:lines
endfunction

function! s:StaleLine(reference) abort
    let l:sure = get(a:reference, 'confidence', '') is# 'possible' ? ', possibly' : ''
    let l:holder = get(get(a:reference, 'holder', {}), 'path', '?')
    let l:count = a:reference.count > 1 ? ' × ' . a:reference.count : ''

    return printf('    stale %s%s: %s of generation %d, held by %s%s',
    \   a:reference.kind, l:sure, a:reference.symbol, a:reference.generation, l:holder, l:count)
endfunction

" The whole report, line by line.
function! afresh#Lines() abort
    let l:state = s:State()

    if empty(l:state)
        return ['No server runs: open a Python file.']
    endif

    let l:lines = ['mode: ' . l:state.mode]

    if l:state.programs >= 0
        call add(l:lines, 'programs that run live: ' . l:state.programs)
    endif

    if empty(l:state.report)
        return l:lines + ['No reload yet.']
    endif

    let l:report = l:state.report
    call add(l:lines, printf('reload %d: %s', l:report.sequence, s:Outcome(l:report)))
    call add(l:lines, l:report.message)

    for l:host in l:report.hosts
        call add(l:lines, printf('  %s (process %d, %s)', l:host.name, l:host.pid, l:host.runtime))
        let l:unnamed = get(l:host, 'staleTotal', 0)

        for l:module in l:host.modules
            let l:lines += s:ModuleLines(l:module)
        endfor

        for l:reference in get(l:host, 'stale', [])
            call add(l:lines, s:StaleLine(l:reference))
            let l:unnamed -= l:reference.count
        endfor

        if l:unnamed > 0
            call add(l:lines, printf('    and %d more stale references', l:unnamed))
        endif
    endfor

    return map(l:lines, {_, line -> substitute(line, '[\r\n]\+', ' ', 'g')})
endfunction

" Shows the last report in a window that closes when the cursor moves.
function! afresh#Show() abort
    return popup_atcursor(afresh#Lines(), {'border': [], 'padding': [0, 1, 0, 1]})
endfunction

function! s:Execute(command, argument, ...) abort
    if empty(s:State())
        echohl WarningMsg | echomsg 'afresh: no server runs; open a Python file first' | echohl None

        return
    endif

    let l:Done = get(a:000, 0, {-> 0})
    let l:parameters = {'command': a:command, 'arguments': [a:argument]}
    call ale#lsp_linter#SendRequest(bufnr(''), 'afresh', [0, 'workspace/executeCommand', l:parameters],
    \   function('s:Executed', [l:Done]))
endfunction

function! s:Executed(Done, response) abort
    if has_key(a:response, 'error')
        echohl WarningMsg | echomsg 'afresh: ' . a:response.error.message | echohl None
    else
        call a:Done(get(a:response, 'result', v:null))
    endif
endfunction

" Reloads this file now, changed or not.
function! afresh#Reload() abort
    call s:Execute('afresh.reload', {'uris': [ale#path#ToFileURI(expand('%:p'))]})
endfunction

" Executes lines in the program, or with none given the file as it was saved; what it prints is shown.
function! afresh#Run(given, first, last) abort
    let l:argument = {'uri': ale#path#ToFileURI(expand('%:p'))}

    if a:given
        let l:argument.range = {
        \   'start': {'line': a:first - 1, 'character': 0},
        \   'end': {'line': a:last, 'character': 0},
        \}
    endif

    call s:Execute('afresh.run', l:argument, {result -> s:ShowRun(result)})
endfunction

" ALE keeps the server's messages to itself, but for errors.
function! s:ShowRun(result) abort
    if type(a:result) != v:t_dict || has_key(a:result, 'error')
        return
    endif

    let l:lines = split(a:result.output, "\n")

    for l:line in empty(l:lines) ? [a:result.host.name . ' has executed it; it printed nothing'] : l:lines
        echomsg l:line
    endfor
endfunction

function! afresh#Modes(...) abort
    return join(s:modes, "\n")
endfunction

" Shows or sets what a save reloads.
function! afresh#Mode(mode) abort
    let l:state = s:State()

    if empty(a:mode)
        echo 'afresh: mode ' . get(l:state, 'mode', 'unknown: no server runs')
    elseif index(s:modes, a:mode) < 0
        echohl WarningMsg | echomsg "afresh: no mode '" . a:mode . "': there are off, explicit and all" | echohl None
    else
        call s:Execute('afresh.setMode', {'mode': a:mode}, {-> s:SetMode(l:state, a:mode)})
    endif
endfunction

function! s:SetMode(state, mode) abort
    let a:state.mode = a:mode
    redrawstatus!
endfunction

" Follows, or no longer follows, a module by its name.
function! afresh#Track(module) abort
    call s:Execute('afresh.track', {'modules': [a:module]})
endfunction

function! afresh#Untrack(module) abort
    call s:Execute('afresh.untrack', {'modules': [a:module]})
endfunction

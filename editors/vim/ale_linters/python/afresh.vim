" Description: Afresh, a language server: a saved file is live in the program that runs.

call ale#Set('python_afresh_executable', 'afresh')
call ale#Set('python_afresh_settings', {})

function! ale_linters#python#afresh#Root(buffer) abort
    let l:root = ale#python#FindProjectRoot(a:buffer)

    return empty(l:root) ? fnamemodify(bufname(a:buffer), ':p:h') : l:root
endfunction

call ale#linter#Define('python', {
\   'name': 'afresh',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'python_afresh_executable')},
\   'command': '%e lsp',
\   'project_root': function('ale_linters#python#afresh#Root'),
\   'initialization_options': {buffer -> ale#Var(buffer, 'python_afresh_settings')},
\})

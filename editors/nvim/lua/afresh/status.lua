-- What `reload/status` said, and how to say it to a person. Knows nothing of editors or clients.

local M = {}

local WORDS = {
  unchanged = 'unchanged',
  live = 'live',
  stale = 'stale',
  blocked = 'blocked',
  rolledBack = 'rolled back',
  refused = 'refused',
  failed = 'failed',
}

--- The state of one client. `report` is the last one about a reload, `programs` how many run as far as is known.
function M.new(mode)
  return { mode = mode or 'all', report = nil, programs = nil }
end

--- Takes a message in; true if what is shown may have changed. One that a newer reload has overtaken is dropped.
function M.take(state, report)
  if report.version ~= 1 then
    return false
  end
  local hosts = type(report.hosts) == 'table' and report.hosts or {}
  if report.phase == 'hosts' then
    state.programs = #hosts
    return true
  end
  if state.report and report.sequence < state.report.sequence then
    return false
  end
  state.report = report
  if #hosts > 0 then
    state.programs = math.max(#hosts, state.programs or 0)
  end
  return true
end

local function stale_total(report)
  local total = 0
  for _, host in ipairs(report.hosts or {}) do
    total = total + (tonumber(host.staleTotal) or 0)
  end
  return total
end

local function outcome(report, total)
  local word = WORDS[report.outcome] or tostring(report.outcome)
  if report.outcome == 'stale' and total > 0 then
    return total .. ' stale'
  end
  return word
end

--- For a statusline.
function M.short(state)
  if state.mode == 'off' then
    return 'afresh: off'
  end
  local report = state.report
  local suffix = state.mode == 'explicit' and ' (explicit)' or ''
  if report and report.outcome == 'blocked' then
    return 'afresh: blocked' .. suffix
  end
  if state.programs == 0 or (report and #(report.hosts or {}) == 0 and state.programs == nil) then
    return 'afresh: no program' .. suffix
  end
  if not report or #(report.hosts or {}) == 0 then
    return 'afresh: ready' .. suffix
  end
  return 'afresh: ' .. outcome(report, stale_total(report)) .. suffix
end

local function add_module(lines, module)
  local because = module.because or {}
  local why = ''
  if because.kind == 'dependent' then
    why = ' (uses ' .. tostring(because.of) .. ')'
  end
  table.insert(
    lines,
    string.format('    %s: %s, generation %d%s', module.name, WORDS[module.outcome] or module.outcome, module.generation, why)
  )
  for _, change in ipairs(module.changes or {}) do
    if change.applied == false then
      table.insert(lines, string.format('      not applied: %s: %s', change.symbol, change.reason or change.change))
    end
  end
  if type(module.error) == 'table' then
    table.insert(lines, '      ' .. tostring(module.error.message))
  end
end

local function add_stale(lines, reference)
  local count = reference.count > 1 and (' × ' .. reference.count) or ''
  local sure = reference.confidence == 'possible' and ', possibly' or ''
  table.insert(
    lines,
    string.format(
      '    stale %s%s: %s of generation %d, held by %s%s',
      reference.kind,
      sure,
      reference.symbol,
      reference.generation,
      (reference.holder or {}).path or '?',
      count
    )
  )
end

--- The whole report, line by line.
function M.lines(state)
  local lines = { 'mode: ' .. state.mode }
  if state.programs then
    table.insert(lines, 'programs that run live: ' .. state.programs)
  end
  local report = state.report
  if not report then
    table.insert(lines, 'No reload yet.')
    return lines
  end
  local total = stale_total(report)
  table.insert(lines, string.format('reload %d: %s', report.sequence, outcome(report, total)))
  for _, line in ipairs(vim.split(tostring(report.message), '\n', { plain = true })) do
    table.insert(lines, line)
  end
  for _, host in ipairs(report.hosts or {}) do
    table.insert(lines, string.format('  %s (process %d, %s)', host.name, host.pid, host.runtime))
    for _, module in ipairs(host.modules or {}) do
      add_module(lines, module)
    end
    for _, reference in ipairs(host.stale or {}) do
      add_stale(lines, reference)
    end
    local unnamed = (tonumber(host.staleTotal) or 0)
    for _, reference in ipairs(host.stale or {}) do
      unnamed = unnamed - reference.count
    end
    if unnamed > 0 then
      table.insert(lines, string.format('    and %d more stale references', unnamed))
    end
  end
  -- A report's texts may hold line ends; a buffer's lines may not.
  return vim.tbl_map(function(line)
    return (line:gsub('[\r\n]+', ' '))
  end, lines)
end

return M

-- Afresh in Neovim 0.7 and later: starts the language server for Python files and shows what each save did to the
-- running programs. What the editor offers is tested for, never its version.

local lsp = require('afresh.lsp')
local status = require('afresh.status')

local M = {}

local MODES = { 'off', 'explicit', 'all' }

local defaults = {
  -- The server's command line.
  cmd = { 'afresh', 'lsp' },
  filetypes = { 'python' },
  -- The nearest folder upwards that holds one of these is the workspace folder.
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', '.venv', '.git' },
  -- The server's settings, as the section `afresh` has them: mode, policy, dependents, track, untrack, exclude …
  settings = {},
  -- Called with (client, buffer) when a buffer joins.
  on_attach = nil,
}

local options = defaults

-- What is known about one client: its mode and what the server last said.
local states = {}

local function state_of(client_id)
  if not states[client_id] then
    states[client_id] = status.new(options.settings.mode)
  end
  return states[client_id]
end

-- Statuslines are drawn again, and other plugins may listen to `User AfreshStatus`.
local function changed()
  vim.schedule(function()
    pcall(vim.api.nvim_exec_autocmds, 'User', { pattern = 'AfreshStatus', modeline = false })
    vim.cmd('redrawstatus!')
  end)
end

local function on_status(err, report, context)
  if err or type(report) ~= 'table' then
    return
  end
  if status.take(state_of(context.client_id), report) then
    changed()
  end
end

local function notice(message)
  vim.schedule(function()
    vim.notify('afresh: ' .. message, vim.log.levels.WARN)
  end)
end

local missing_told = false

local function client_config(buffer)
  return {
    name = 'afresh',
    cmd = options.cmd,
    root_dir = lsp.root(buffer, options.root_markers),
    init_options = vim.tbl_isempty(options.settings) and vim.empty_dict() or options.settings,
    settings = { afresh = vim.deepcopy(options.settings) },
    handlers = { ['reload/status'] = on_status },
    on_attach = options.on_attach,
    on_exit = function(code, signal, client_id)
      states[client_id] = nil
      changed()
      if code ~= 0 and signal ~= 15 then
        notice('the server ended (exit code ' .. code .. '); open or reload a Python file to start it again')
      end
    end,
  }
end

--- Attaches a buffer (0: the current one) to the server of its workspace folder, which is started if need be.
function M.attach(buffer)
  buffer = buffer == 0 and vim.api.nvim_get_current_buf() or buffer
  if vim.bo[buffer].buftype ~= '' or vim.api.nvim_buf_get_name(buffer) == '' then
    return
  end
  if vim.fn.executable(options.cmd[1]) ~= 1 then
    if not missing_told then
      missing_told = true
      notice("'" .. options.cmd[1] .. "' cannot be executed; set cmd in require('afresh').setup {}")
    end
    return
  end
  lsp.attach(client_config(buffer), buffer)
end

-- The client of the current buffer, else any.
local function current_client()
  local clients = lsp.clients()
  for _, client in ipairs(clients) do
    if lsp.attached(client, vim.api.nvim_get_current_buf()) then
      return client
    end
  end
  return clients[1]
end

-- Sends one of the server's commands; `done` is called with its result.
local function execute(command, argument, done)
  local client = current_client()
  if not client then
    notice('no server runs; open a Python file first')
    return
  end
  local params = { command = command, arguments = { argument } }
  lsp.request(client, 'workspace/executeCommand', params, function(err, result)
    if err then
      notice(err.message or tostring(err))
    elseif done then
      done(result, client)
    end
  end)
end

--- Reloads files (paths) now, changed or not; without any, the file of the current buffer.
function M.reload(paths)
  local uris = {}
  for _, path in ipairs(paths or {}) do
    table.insert(uris, vim.uri_from_fname(vim.fn.fnamemodify(path, ':p')))
  end
  if #uris == 0 then
    uris = { vim.uri_from_bufnr(0) }
  end
  execute('afresh.reload', { uris = uris })
end

--- Executes the lines `first` to `last` (from 1) of the current buffer in the running program, or the file as it was saved, and
--- shows what was printed. With several programs it asks which.
function M.run(first, last)
  local argument = { uri = vim.uri_from_bufnr(0) }
  if first then
    argument.range = { start = { line = first - 1, character = 0 }, ['end'] = { line = last or first, character = 0 } }
  end
  execute('afresh.run', argument)
end

--- Sets the mode: 'off', 'explicit' or 'all'.
function M.set_mode(mode)
  if not vim.tbl_contains(MODES, mode) then
    notice("no mode '" .. tostring(mode) .. "': there are off, explicit and all")
    return
  end
  execute('afresh.setMode', { mode = mode }, function(_, client)
    state_of(client.id).mode = mode
    -- What the server reads when it asks for the settings again.
    if client.config.settings and client.config.settings.afresh then
      client.config.settings.afresh.mode = mode
    end
    changed()
  end)
end

--- The mode of the current buffer's server.
function M.mode()
  local client = current_client()
  return client and state_of(client.id).mode or options.settings.mode or 'all'
end

--- Follows, or no longer follows, a module by its name.
function M.track(module)
  execute('afresh.track', { modules = { module } })
end

function M.untrack(module)
  execute('afresh.untrack', { modules = { module } })
end

--- One short text for a statusline, empty where no server runs: 'afresh: live', 'afresh: 3 stale', 'afresh: off'.
function M.statusline()
  local client = current_client()
  return client and status.short(state_of(client.id)) or ''
end

--- The last report as the server sent it, for scripts; nil before the first.
function M.report()
  local client = current_client()
  return client and state_of(client.id).report or nil
end

--- Shows the last report in a window that closes when the cursor moves.
function M.show()
  local client = current_client()
  local lines = client and status.lines(state_of(client.id)) or { 'No server runs: open a Python file.' }
  vim.lsp.util.open_floating_preview(lines, 'plaintext', { focus_id = 'afresh', border = 'single', wrap = true })
end

--- Shows in a window of its own who depends on whom; of these modules alone (names), or all.
function M.graph(modules)
  execute('afresh.graph', { format = 'tree', modules = modules or {} }, function(result)
    vim.cmd('new')
    vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile = 'nofile', 'wipe', false
    vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.split(result.text, '\n', { trimempty = true }))
    vim.bo.modifiable = false
  end)
end

local function define_commands()
  local command = vim.api.nvim_create_user_command
  command('AfreshStatus', M.show, { desc = 'What the last save did to the running programs' })
  command('AfreshGraph', function(given)
    M.graph(given.fargs)
  end, { nargs = '*', desc = 'Who depends on whom in the running programs, and what is still old' })
  command('AfreshReload', function(given)
    M.reload(given.fargs)
  end, { nargs = '*', complete = 'file', desc = 'Reload files, or this one, now' })
  command('AfreshRun', function(given)
    if given.range == 0 then
      M.run()
    else
      M.run(given.line1, given.line2)
    end
  end, { range = true, desc = 'Execute these lines, or this file, in the running program' })
  command('AfreshMode', function(given)
    if given.args == '' then
      vim.api.nvim_echo({ { 'afresh: mode ' .. M.mode() } }, false, {})
    else
      M.set_mode(given.args)
    end
  end, {
    nargs = '?',
    complete = function(lead)
      return vim.tbl_filter(function(mode)
        return vim.startswith(mode, lead)
      end, MODES)
    end,
    desc = 'Show or set what is reloaded: off, explicit or all',
  })
  command('AfreshTrack', function(given)
    M.track(given.args)
  end, { nargs = 1, desc = 'Reload this module in mode explicit' })
  command('AfreshUntrack', function(given)
    M.untrack(given.args)
  end, { nargs = 1, desc = 'Do not reload this module' })
end

--- Call once, from the user's configuration. Every option is optional: cmd, filetypes, root_markers, settings, on_attach.
function M.setup(given)
  options = vim.tbl_extend('force', defaults, given or {})
  define_commands()
  local group = vim.api.nvim_create_augroup('afresh', { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = options.filetypes,
    callback = function(event)
      M.attach(event.buf)
    end,
  })
  -- Files that were open before: setup may be called late.
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.tbl_contains(options.filetypes, vim.bo[buffer].filetype) then
      M.attach(buffer)
    end
  end
end

return M

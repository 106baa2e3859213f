-- The differences between Neovim's LSP interfaces since 0.7, in one place.

local M = {}

-- vim.lsp.config came together with methods on client objects (client:request); before, they are plain functions.
local has_methods = vim.lsp.config ~= nil

--- The workspace folder of a buffer: the nearest folder upwards with one of the markers, else the file's own.
function M.root(buffer, markers)
  local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':p:h')
  local own = folder
  while true do
    for _, marker in ipairs(markers) do
      if vim.loop.fs_stat(folder .. '/' .. marker) then
        return folder
      end
    end
    local parent = vim.fn.fnamemodify(folder, ':h')
    if parent == folder then
      return own
    end
    folder = parent
  end
end

--- Every client of ours that is initialised.
function M.clients()
  local all = vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()
  local ours = {}
  for _, client in pairs(all) do
    if client.name == 'afresh' then
      table.insert(ours, client)
    end
  end
  table.sort(ours, function(left, right)
    return left.id < right.id
  end)
  return ours
end

function M.attached(client, buffer)
  return vim.lsp.buf_is_attached(buffer, client.id)
end

-- Clients by workspace folder, where the editor does not keep that book itself (before vim.lsp.start).
local started = {}

--- Attaches a buffer to the client of its workspace folder, which is started if there is none.
function M.attach(config, buffer)
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  local client_id = started[config.root_dir]
  if not client_id then
    local on_exit = config.on_exit
    config.on_exit = function(...)
      started[config.root_dir] = nil
      on_exit(...)
    end
    client_id = vim.lsp.start_client(config)
    started[config.root_dir] = client_id
  end
  if client_id then
    vim.lsp.buf_attach_client(buffer, client_id)
  end
  return client_id
end

--- Sends a request; `handler` is called with (error, result).
function M.request(client, method, params, handler)
  if has_methods then
    return client:request(method, params, handler, 0)
  end
  return client.request(method, params, handler, 0)
end

return M

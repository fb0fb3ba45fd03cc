-- Reads what PATH_OF_EACH says in one workspace after the other.
function init()
  workspaces = {}
  for id in os.getenv("WORKSPACES"):gmatch("%S+") do workspaces[#workspaces + 1] = id end
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
  path = os.getenv("PATH_OF_EACH")
  turn = 0
end

function request()
  turn = turn % #workspaces + 1
  headers["X-Workspace-Id"] = workspaces[turn]
  return wrk.format("GET", path:gsub("{id}", workspaces[turn]), headers)
end

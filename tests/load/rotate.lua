-- Reads the same list in one workspace after the other.
function init()
  workspaces = {}
  for id in os.getenv("WORKSPACES"):gmatch("%S+") do workspaces[#workspaces + 1] = id end
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
  turn = 0
end

function request()
  turn = turn % #workspaces + 1
  headers["X-Workspace-Id"] = workspaces[turn]
  return wrk.format("GET", "/api/v1/campaigns/list", headers)
end

-- Creates a campaign per request, each thread in workspaces of its own, one after the other: what is measured is the write,
-- not the wait for another's lock.
local threads = 0

function setup(thread)
  thread:set("mine", threads)
  threads = threads + 1
end

function init()
  local n = 0
  workspaces = {}
  for id in os.getenv("WORKSPACES"):gmatch("%S+") do
    if n % 2 == mine then workspaces[#workspaces + 1] = id end
    n = n + 1
  end
  headers = {
    ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
    ["Content-Type"] = "application/json",
  }
  body = '{"name":"Spring","goal":"More letters","channels":["content"],"starts_on":"2030-01-01","ends_on":"2030-01-28"}'
  turn = 0
end

function request()
  turn = turn % #workspaces + 1
  headers["X-Workspace-Id"] = workspaces[turn]
  return wrk.format("POST", "/api/v1/campaigns/create", headers, body)
end

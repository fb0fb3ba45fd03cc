-- Asks for a chat completion per request: of the gateway when TOKEN names somebody, of a provider without.
local token, workspace = os.getenv("TOKEN"), os.getenv("WORKSPACE")
wrk.method = "POST"
wrk.path = "/v1/chat/completions"
wrk.body = os.getenv("CHAT")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. (token ~= "" and token or "key")
if workspace ~= "" then wrk.headers["X-Workspace-Id"] = workspace end

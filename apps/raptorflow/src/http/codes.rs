//! The codes that the HTTP base answers by itself; the domains have their own.

pub use identity::error::{OVERLOADED, UNAUTHENTICATED};

kernel::codes! {
    MALFORMED_REQUEST = "malformed_request", Malformed, "The request can't be read.";
    MALFORMED_JSON = "malformed_json", Malformed, "The body is not one JSON document that can be read without doubt.";
    MALFORMED_HEADER = "malformed_header", Malformed, "A header has no value of the form documented, or comes twice.";
    CREDENTIALS_CONFLICT = "credentials_conflict", Malformed, "`X-API-Key` and `Authorization` show different credentials.";
    API_KEY_NOT_ACCEPTED = "api_key_not_accepted", Forbidden, "This is a person's own affair; no API key can do it.";
    OPERATOR_TOKEN_NOT_SET = "operator_token_not_set", Forbidden,
        "This is for operators, who show OPERATOR_TOKEN; none is set, so in production nobody gets in.";
    FEATURE_DISABLED = "feature_disabled", Forbidden, "This part of the product is switched off here.";
    INVALID_QUERY = "invalid_query", Malformed, "A query parameter is unknown, repeated or wrong; `errors` names each.";
    INVALID_PATH = "invalid_path", Malformed, "An id in the path is not a UUID; `errors` names it.";
    INVALID_WORKSPACE_ID = "invalid_workspace_id", Malformed, "The workspace's id is not a UUID, or was given twice.";
    WORKSPACE_CONFLICT = "workspace_conflict", Malformed, "Header, query and path name different workspaces.";
    NO_WORKSPACE = "no_workspace", NotFound, "You belong to no workspace yet; make one first.";
    ORIGIN_NOT_ALLOWED = "origin_not_allowed", Malformed, "The cross-origin request is not one that CORS_ORIGINS allows.";
    METHOD_NOT_ALLOWED = "method_not_allowed", Malformed, "The resource has no such method; `Allow` lists those it has.";
    WEBSOCKET_REQUIRED = "websocket_required", Malformed, "The path is one of WebSockets, and the request asks for none.";
    NOT_ACCEPTABLE = "not_acceptable", Malformed, "No encoding that `Accept-Encoding` lists can be made.";
    BODY_TOO_LARGE = "body_too_large", Malformed, "The body is larger than this route takes.";
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", Malformed,
        "The body must be sent as `Content-Type: application/json`, without a content encoding.";
    RATE_LIMITED = "rate_limited", RateLimited, "Too many requests; `policy` names the limit, `Retry-After` says when to come back.";
    TOO_MANY_STREAMS = "too_many_streams", RateLimited,
        "You, or your workspace, have as many streams open as one may have; close one, or come back when `Retry-After` says.";
    REQUEST_TIMEOUT = "request_timeout", Unavailable, "The request took too long; nothing is known of its effect.";
    NOT_READY = "not_ready", Unavailable, "The service can't work now; `errors` names what it lacks.";
}

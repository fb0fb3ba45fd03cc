//! One row per route: what to send, and the status that somebody gets who may call, where ids in the path lead nowhere.

/// How a route is called.
#[derive(Debug)]
pub(crate) struct Row {
    /// The operation's id.
    pub(crate) operation: &'static str,
    /// The body, as JSON; empty for none.
    pub(crate) body: &'static str,
    /// What is appended to the path.
    pub(crate) query: &'static str,
    /// The answer to who may.
    pub(crate) allowed: u16,
    /// The answer to an owner who may.
    pub(crate) owner: u16,
}

const fn row(operation: &'static str, body: &'static str, allowed: u16) -> Row {
    Row { operation, body, query: "", allowed, owner: allowed }
}

const fn with_query(operation: &'static str, query: &'static str, allowed: u16) -> Row {
    Row { operation, body: "", query, allowed, owner: allowed }
}

/// What an owner of a workspace with other members can't do yet.
const fn but_owner(row: Row, owner: u16) -> Row {
    Row { owner, ..row }
}

pub(crate) const ROWS: &[Row] = &[
    // Public.
    row("api_reference", "", 200),
    row("health", "", 200),
    row("health_live", "", 200),
    row("health_ready", "", 200),
    row("openapi_document", "", 200),
    row("version", "", 200),
    // Of operators.
    row("health_detailed", "", 200),
    row("metrics", "", 200),
    row("jwks", "", 200),
    row("sign_up", "{}", 422),
    row("log_in", "{}", 422),
    row("refresh", "{}", 422),
    with_query("verify_email", "?token=x", 400),
    row("resend_verification", "{}", 422),
    row("forgot_password", "{}", 422),
    row("reset_password", "{}", 422),
    row("pass_challenge", "{}", 422),
    row("read_invitation", "", 400),
    row("accept_invitation", "{}", 422),
    // A person's own.
    row("me", "", 200),
    row("log_out", "{}", 204),
    row("list_workspaces", "", 200),
    row("create_workspace", r#"{"name": "Another"}"#, 201),
    row("list_sessions", "", 200),
    row("end_session", "", 404),
    row("enrol_totp", "{}", 201),
    row("confirm_totp", r#"{"code": "000000"}"#, 404),
    row("remove_totp", "", 404),
    row("replace_recovery_codes", "{}", 404),
    row("get_me", "", 200),
    row("update_me", r#"{"display_name": "Ada"}"#, 200),
    row(
        "change_password",
        r#"{"current_password": "wrong horse battery", "new_password": "another horse battery"}"#,
        403,
    ),
    row("change_email", r#"{"email": "ada.new@example.com"}"#, 202),
    row("list_secrets", "", 200),
    row("set_secret", r#"{"value": "sk-1"}"#, 204),
    row("remove_secret", "", 404),
    row("export_me", "", 200),
    but_owner(row("erase_me", "", 204), 409),
    row("get_user", "", 404),
    // Of platform administrators.
    row("list_users", "", 200),
    row("update_user", r#"{"status": "active"}"#, 404),
    row("erase_user", "", 404),
    row("list_platform_audit_logs", "", 200),
    // In a workspace.
    row("delete_workspace", "", 204),
    row("add_member", r#"{"email": "nobody@example.com", "role": "member"}"#, 202),
    row("change_member", r#"{"role": "member"}"#, 404),
    row("remove_member", "", 404),
    row("transfer_ownership", r#"{"user_id": "01976f6e-0000-7000-8000-0000deadbeef"}"#, 404),
    row("create_invitation", r#"{"email": "nobody@example.com", "role": "member"}"#, 201),
    row("list_invitations", "", 200),
    row("revoke_invitation", "", 404),
    row("create_api_key", r#"{"name": "A program", "scopes": ["moves:read"]}"#, 201),
    row("list_api_keys", "", 200),
    row("revoke_api_key", "", 404),
    row("get_budget", "", 200),
    row("set_budget", r#"{"limit_usd": "25.00"}"#, 200),
    row("list_audit_logs", "", 200),
    row("stream_events", "", 200),
    with_query("export_audit_logs", "?format=jsonl", 200),
    row("get_workspace", "", 200),
    row("update_workspace", r#"{"name": "Renamed"}"#, 200),
    row("list_members", "", 200),
    row("start_onboarding", "{}", 201),
    row("get_onboarding_progress", "", 200),
    row("get_onboarding_session", "", 404),
    row("save_onboarding_answers", r#"{"step": "company", "answers": {"name": "Acme"}}"#, 404),
    row("complete_onboarding_step", r#"{"step": "company"}"#, 404),
    row("finalize_onboarding", r#"{"session_id": "01976f6e-0000-7000-8000-0000deadbeef"}"#, 404),
    row("get_business_context", "", 404),
    row("get_business_context_info", "", 404),
    row("check_business_context_integrity", "", 200),
    row("list_business_context_versions", "", 200),
    row("get_business_context_version", "", 404),
    row("get_foundation", "", 404),
    row("list_icps", "", 200),
    row("get_icp", "", 404),
    row(
        "create_campaign",
        r#"{"name": "Spring", "goal": "More trials", "channels": ["linkedin"], "starts_on": "2026-03-02", "ends_on": "2026-03-29"}"#,
        201,
    ),
    row("list_campaigns", "", 200),
    row("read_campaign", "", 404),
    row("execute_campaign", "{}", 404),
    row("pause_campaign", "{}", 404),
    row("resume_campaign", "{}", 404),
    row("complete_campaign", "{}", 404),
    row("cancel_campaign", "{}", 404),
    row("archive_campaign", "{}", 404),
    row("list_moves_of_campaign", "", 404),
    row("list_moves", "", 200),
    row("read_move", "", 404),
    row("start_move", "{}", 404),
    row("complete_move", "{}", 404),
    row("skip_move", r#"{"reason": "no time"}"#, 404),
    row("list_daily_wins", "", 200),
    row("read_streak", "", 200),
    row("complete_daily_win", "{}", 404),
    row("dismiss_daily_win", "{}", 404),
    row("list_agents", "", 200),
    row("read_agent", "", 404),
    row("list_runs", "", 200),
    row("read_run", "", 404),
    row("list_steps", "", 404),
    row("stream_run", "", 404),
    row("inference", r#"{"model": "fast", "prompt": "Why?"}"#, 503),
    row("generate", r#"{"model": "fast", "prompt": "Why?"}"#, 503),
    row("batch_inference", r#"{"items": [{"model": "fast", "prompt": "Why?"}]}"#, 200),
    row(
        "create_chat_completion",
        r#"{"model": "fast", "messages": [{"role": "user", "content": "Why?"}]}"#,
        503,
    ),
    row("create_embeddings", r#"{"model": "text-embedding-005", "input": "Why?"}"#, 503),
    row("list_openai_models", "", 200),
    row("clear_ai_cache", "{}", 204),
    row("list_models", "", 200),
    row("list_providers", "", 200),
    row("lend_provider_key", r#"{"secret": "mine"}"#, 404),
    row("withdraw_provider_key", "", 404),
    row("ai_status", "", 200),
    row("ai_usage", "", 200),
    row("ai_analytics", "", 200),
    row("list_jobs", "", 200),
    row("list_dead_letters", "", 200),
    row("read_job", "", 404),
    row("retry_job", "{}", 404),
    row("cancel_job", "{}", 404),
    row("replay_dead_letters", "{}", 200),
];

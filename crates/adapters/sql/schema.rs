//! The tables, as the migrations make them. A test compares both databases' catalogues with each other.

macro_rules! tables {
    ($($table:ident ($($key:ident),+) { $($column:ident -> $type:ty,)* })*) => { $(
        diesel::table! {
            use diesel::sql_types::*;
            use crate::sql::types::{At, Id, OnDay};

            $table ($($key),+) { $($column -> $type,)* }
        }
    )* };
}

mod council;

pub(crate) use council::*;

tables! {
    events (id) {
        id -> Id,
        event_type -> Text,
        version -> Integer,
        workspace_id -> Nullable<Id>,
        user_id -> Nullable<Id>,
        number -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        subject_kind -> Text,
        subject_id -> Id,
        correlation_id -> Text,
        causation_id -> Nullable<Id>,
        traceparent -> Nullable<Text>,
        payload -> Jsonb,
        occurred_at -> At,
        published_at -> Nullable<At>,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
    person_exports (user_id) {
        user_id -> Id,
        document -> Jsonb,
        created_at -> At,
        expires_at -> At,
    }
    event_streams (stream_id) {
        stream_id -> Id,
        last_number -> BigInt,
    }
    consumer_positions (consumer, stream_id) {
        consumer -> Text,
        stream_id -> Id,
        number -> BigInt,
    }
    idempotency_records (caller, key) {
        caller -> Text,
        key -> Text,
        user_id -> Nullable<Id>,
        request_hash -> Text,
        answer -> Jsonb,
        expires_at -> At,
    }
    jobs (id) {
        id -> Id,
        kind -> Text,
        payload -> Jsonb,
        state -> Text,
        run_at -> At,
        priority -> Text,
        turn -> At,
        attempts -> Integer,
        max_attempts -> Integer,
        lease_until -> Nullable<At>,
        worker -> Nullable<Text>,
        dedup_key -> Nullable<Text>,
        workspace_id -> Nullable<Id>,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        correlation_id -> Text,
        causation_id -> Nullable<Id>,
        traceparent -> Nullable<Text>,
        last_error -> Nullable<Text>,
        created_at -> At,
        finished_at -> Nullable<At>,
    }
    schedules (id) {
        id -> Id,
        name -> Text,
        kind -> Text,
        payload -> Jsonb,
        timing -> Jsonb,
        misfire -> Text,
        priority -> Text,
        workspace_id -> Nullable<Id>,
        next_run -> At,
    }
    workers (name) {
        name -> Text,
        started_at -> At,
        seen_at -> At,
        running -> Integer,
    }
    users (id) {
        id -> Id,
        email -> Text,
        email_lower -> Text,
        email_verified_at -> Nullable<At>,
        status -> Text,
        platform_role -> Text,
        password_hash -> Nullable<Text>,
        version -> Integer,
        created_at -> At,
    }
    profiles (user_id) {
        user_id -> Id,
        display_name -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        locale -> Nullable<Text>,
        job_title -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
    }
    sessions (id) {
        id -> Id,
        user_id -> Id,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> At,
        last_seen_at -> At,
        expires_at -> At,
        ended_at -> Nullable<At>,
        end_reason -> Nullable<Text>,
    }
    refresh_tokens (id) {
        id -> Id,
        session_id -> Id,
        user_id -> Id,
        token_hash -> Binary,
        parent_id -> Nullable<Id>,
        issued_at -> At,
        consumed_at -> Nullable<At>,
        expires_at -> At,
    }
    email_tokens (id) {
        id -> Id,
        user_id -> Id,
        purpose -> Text,
        token_hash -> Binary,
        expires_at -> At,
        used_at -> Nullable<At>,
        new_email -> Nullable<Text>,
    }
    mfa_factors (id) {
        id -> Id,
        user_id -> Id,
        key_id -> Text,
        nonce -> Binary,
        ciphertext -> Binary,
        created_at -> At,
        confirmed_at -> Nullable<At>,
        last_used_step -> BigInt,
        failures -> Integer,
        failing_since -> Nullable<At>,
    }
    recovery_codes (user_id, code_hash) {
        user_id -> Id,
        code_hash -> Binary,
        created_at -> At,
        used_at -> Nullable<At>,
    }
    mfa_challenges (id) {
        id -> Id,
        user_id -> Id,
        token_hash -> Binary,
        user_version -> Integer,
        attempts -> Integer,
        expires_at -> At,
        used_at -> Nullable<At>,
    }
    user_secrets (user_id, name) {
        user_id -> Id,
        name -> Text,
        key_id -> Text,
        nonce -> Binary,
        ciphertext -> Binary,
        created_at -> At,
        updated_at -> At,
    }
    external_identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Id,
        linked_at -> At,
    }
    business_contexts (workspace_id) {
        workspace_id -> Id,
        current_number -> Integer,
    }
    context_versions (id) {
        id -> Id,
        workspace_id -> Id,
        number -> Integer,
        document -> Text,
        hash -> Text,
        previous_hash -> Nullable<Text>,
        source -> Text,
        reason -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        completeness -> Integer,
        created_at -> At,
    }
    onboarding_sessions (id) {
        id -> Id,
        workspace_id -> Id,
        answers -> Jsonb,
        completed -> Jsonb,
        current_step -> Text,
        finalised_at -> Nullable<At>,
        context_number -> Nullable<Integer>,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
    foundations (id) {
        id -> Id,
        workspace_id -> Id,
        content -> Jsonb,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
    icps (id) {
        id -> Id,
        workspace_id -> Id,
        priority -> Integer,
        profile -> Jsonb,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
    workspaces (id) {
        id -> Id,
        name -> Text,
        slug -> Text,
        time_zone -> Text,
        settings -> Jsonb,
        status -> Text,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
    memberships (workspace_id, user_id) {
        workspace_id -> Id,
        user_id -> Id,
        role -> Text,
        joined_at -> At,
    }
    invitations (id) {
        id -> Id,
        workspace_id -> Id,
        email -> Text,
        email_lower -> Text,
        role -> Text,
        token_hash -> Binary,
        invited_by -> Id,
        created_at -> At,
        expires_at -> At,
        accepted_at -> Nullable<At>,
        accepted_by -> Nullable<Id>,
        revoked_at -> Nullable<At>,
    }
    api_keys (id) {
        id -> Id,
        workspace_id -> Id,
        name -> Text,
        prefix -> Text,
        key_hash -> Binary,
        scopes -> Jsonb,
        created_by -> Id,
        created_at -> At,
        expires_at -> At,
        last_used_at -> Nullable<At>,
        revoked_at -> Nullable<At>,
    }
    budgets (workspace_id) {
        workspace_id -> Id,
        monthly_limit -> Nullable<BigInt>,
        version -> Integer,
        updated_at -> At,
    }
    campaigns (id) {
        id -> Id,
        workspace_id -> Id,
        name -> Text,
        goal -> Text,
        status -> Text,
        channels -> Jsonb,
        icp_ids -> Jsonb,
        starts_on -> OnDay,
        ends_on -> OnDay,
        budget_amount -> Nullable<BigInt>,
        budget_currency -> Nullable<Text>,
        planned_by -> Nullable<Id>,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
    moves (id) {
        id -> Id,
        workspace_id -> Id,
        campaign_id -> Nullable<Id>,
        title -> Text,
        channel -> Text,
        stage -> Text,
        audience -> Text,
        objective -> Text,
        brief -> Text,
        tasks -> Jsonb,
        draft -> Nullable<Text>,
        measure -> Text,
        budget_amount -> Nullable<BigInt>,
        budget_currency -> Nullable<Text>,
        due_on -> OnDay,
        status -> Text,
        origin -> Text,
        result -> Nullable<Jsonb>,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
    daily_wins (id) {
        id -> Id,
        workspace_id -> Id,
        date -> OnDay,
        kind -> Text,
        source -> Text,
        text -> Text,
        move_id -> Nullable<Id>,
        status -> Text,
        version -> Integer,
        created_at -> At,
        updated_at -> At,
    }
}

diesel::allow_tables_to_appear_in_same_query!(consumer_positions, event_streams);
diesel::allow_tables_to_appear_in_same_query!(campaigns, daily_wins, moves);
diesel::allow_tables_to_appear_in_same_query!(api_keys, memberships, users, workspaces);
diesel::allow_tables_to_appear_in_same_query!(external_identities, profiles, refresh_tokens, sessions, users);

//! Requests that are refused, with something secret in the wrong place.

use super::life::{Life, Mails, PHRASE};
use reqwest::Method;
use serde_json::json;

const JSON: &str = "application/json";

impl<M: Mails> Life<M> {
    /// None is taken, and none may be repeated to whoever made it, as that may be a page or a log of somebody else's.
    pub(super) async fn mistakes(&self, access: &str, workspace: &str, key: &str) {
        self.wrong_bodies(access).await;
        self.wrong_headers(access, workspace, key).await;
        self.wrong_paths(access, workspace, key).await;
    }

    async fn refused(&self, call: (Method, &str), headers: &[(&'static str, &str)], body: String) {
        let shown = format!("{} {}", call.0, call.1);
        let (status, answer) = self.web.send(call, headers, JSON, body).await;
        assert!((400..500).contains(&status), "{shown} answered {status}: {answer}");
    }

    async fn wrong_bodies(&self, access: &str) {
        let whole = json!({"email": "ada@example.com", "password": PHRASE}).to_string();
        let long = json!({"email": "ada@example.com", "password": PHRASE.repeat(40)}).to_string();
        let huge = json!({"password": PHRASE, "pad": "x".repeat(300_000)}).to_string();
        let bodies = [
            whole[..whole.len() - 1].to_owned(),
            format!("{whole}{whole}"),
            whole.replace(':', "="),
            json!(PHRASE).to_string(),
            json!([PHRASE]).to_string(),
            json!({"email": "ada@example.com", "passwort": PHRASE}).to_string(),
            json!({"email": "ada@example.com", "password": [PHRASE]}).to_string(),
            json!({"email": "ada@example.com", "password": {"value": PHRASE}}).to_string(),
            json!({"email": PHRASE, "password": "x"}).to_string(),
            json!({"email": "ada@example.com", (PHRASE): "password"}).to_string(),
            format!(r#"{{"password": {}, "password": "x"}}"#, json!(PHRASE)),
            long,
            huge,
        ];
        for path in ["/api/v1/auth/login", "/api/v1/auth/signup", "/api/v1/auth/reset-password"] {
            for body in &bodies {
                self.refused((Method::POST, path), &[], body.clone()).await;
            }
            let (status, _) = self.web.send((Method::POST, path), &[], "text/plain", whole.clone()).await;
            assert_eq!(status, 415);
        }
        let bearer = format!("Bearer {access}");
        for body in
            [json!({"valeu": PHRASE}), json!({"value": [PHRASE]}), json!({"value": PHRASE.repeat(200)})]
        {
            let call = (Method::PUT, "/api/v1/users/me/secrets/openai");
            self.refused(call, &[("authorization", &bearer)], body.to_string()).await;
        }
        let role = json!({"name": PHRASE.repeat(9), "scopes": [PHRASE], "expires_at": PHRASE}).to_string();
        self.refused((Method::POST, "/api/v1/workspaces"), &[("authorization", &bearer)], role).await;
    }

    async fn wrong_headers(&self, access: &str, workspace: &str, key: &str) {
        let good = format!("Bearer {access}");
        let (basic, odd) = (format!("Basic {access}"), format!("Bearer {access}x"));
        let name = json!({"name": "Difference Engine"}).to_string();
        for headers in [
            &[("authorization", basic.as_str())][..],
            &[("authorization", &odd)],
            &[("authorization", access)],
            &[("x-api-key", access)],
            &[("x-api-key", key), ("authorization", &good)],
            &[("x-api-key", key), ("x-api-key", key)],
            &[("cookie", access)],
            &[("authorization", &good), ("if-match", access)],
            &[("authorization", &good), ("x-workspace-id", access)],
        ] {
            self.refused((Method::PUT, workspace), headers, name.clone()).await;
        }
        for name in ["origin", "x-forwarded-for", "accept-language", "range", "x-correlation-id"] {
            // The last one is none by its form: an access token has more than 64 characters.
            let headers = [("authorization", good.as_str()), (name, access)];
            self.web.send((Method::GET, "/api/v1/auth/me"), &headers, JSON, String::new()).await;
        }
        let preflight = [("origin", access), ("access-control-request-method", "PUT")];
        self.web.send((Method::OPTIONS, workspace), &preflight, JSON, String::new()).await;
    }

    async fn wrong_paths(&self, access: &str, workspace: &str, key: &str) {
        let bearer = format!("Bearer {access}");
        for path in [
            format!("/{key}"),
            format!("/api/v1/{access}"),
            format!("/api/v1/workspaces/{key}"),
            format!("/api/v1/auth/invitation/{key}"),
            format!("/api/v1/auth/verify-email?token={key}"),
            format!("/api/v1/workspaces?limit={key}"),
            format!("/api/v1/workspaces?cursor={key}"),
            format!("{workspace}/invitations?status={key}"),
            format!("{workspace}/audit-logs?from={key}"),
            format!("{workspace}/audit-logs/export?format={key}"),
            format!("/api/v1/campaigns/list?workspace_id={key}"),
            format!("/api/v1/auth/login?access_token={access}"),
        ] {
            self.refused((Method::GET, &path), &[("authorization", &bearer)], String::new()).await;
        }
    }
}

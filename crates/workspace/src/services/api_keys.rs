//! Keys for programs: made and taken back by admins, checked on every request that shows one.

use crate::{
    Error, Result, events,
    model::{self, ApiKey, IssuedKey, KeyInput, KeyStatus},
    ports::{ApiKeyDirectory, ApiKeyReader, WorkspaceUow},
};
use kernel::{
    ApiKeyId, Area, CallContext, Denied, Environment, FieldErrors, KeyScope, KeyScopes, Page, PageRequest,
    RawToken, Role, StoreError, StoreResult, SystemScope, Timestamp, TokenKind, TokenMint, Violation,
    WorkspaceScope, field::Checker,
};
use std::sync::Arc;

/// Makes, lists, revokes and checks API keys.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct ApiKeyService {
    pub uow: Arc<WorkspaceUow>,
    pub keys: Arc<dyn ApiKeyReader>,
    pub directory: Arc<dyn ApiKeyDirectory>,
    pub mint: TokenMint,
    pub env: Environment,
}

/// What an admin says of the key they make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateApiKey {
    /// 1 to 80 characters.
    pub name: String,
    /// Texts of [`KeyScope`], at least one.
    pub scopes: Vec<String>,
    /// In the future, a year from now at most; [`ApiKey::USUAL_LIFE`] when absent.
    pub expires_at: Option<Timestamp>,
}

impl CreateApiKey {
    fn check(&self, now: Timestamp) -> Result<(String, KeyScopes, Timestamp), FieldErrors> {
        let mut check = Checker::default();
        let name = check.field("/name", model::key_name(&self.name));
        let scopes = scopes(&mut check, &self.scopes);
        let expires_at = check.field("/expires_at", model::expiry(self.expires_at, now));
        check.finish_with(name.zip(scopes).zip(expires_at).map(|((name, scopes), at)| (name, scopes, at)))
    }
}

fn scopes(check: &mut Checker, texts: &[String]) -> Option<KeyScopes> {
    let unknown =
        || Violation::new("unknown_value", "must be a scope that keys can have, such as campaigns:read");
    let parsed: Vec<Option<KeyScope>> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| check.field(&format!("/scopes/{n}"), KeyScope::parse(text).ok_or_else(unknown)))
        .collect();
    let known = parsed.into_iter().collect::<Option<Vec<KeyScope>>>()?;
    let scopes = KeyScopes::new(known);
    check.field("/scopes", scopes.map_err(|none| Violation::new("required", none.to_string())))
}

/// A program whose key was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLogin {
    /// What it may touch.
    pub scope: WorkspaceScope,
    /// The key.
    pub key: ApiKeyId,
    /// Whether this use is to be noted ([`ApiKeyService::note_use`]).
    pub is_news: bool,
}

impl ApiKeyService {
    /// Makes a key, once per idempotency key of the call. Its text is shown now, and again only to a repetition of
    /// the same call: it is derived from the key's id, so that it is stored nowhere.
    ///
    /// No scope goes beyond what an admin may, and only admins make keys: so a key gets nothing that its maker lacks.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin and for keys; [`Error::Invalid`] with every wrong field;
    /// [`Error::TooManyKeys`].
    pub async fn create(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        input: CreateApiKey,
    ) -> Result<IssuedKey> {
        scope.require(Area::ApiKeys.write().by(Role::Admin))?;
        let maker = scope.actor().user().ok_or(Denied::Role(Role::Admin))?;
        let (id, now) = (self.env.id(), self.env.now());
        let (name, scopes, expires_at) = input.check(now)?;
        let text = self.text(id);
        let key = ApiKey {
            id,
            workspace_id: scope.workspace(),
            name,
            prefix: model::prefix(&text),
            scopes,
            created_by: maker,
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let made: Result<ApiKey> = self
            .uow
            .run_once(scope, ctx, now, async |tx| {
                if tx.api_keys().count_live(now).await? >= ApiKey::MOST {
                    return Err(Error::TooManyKeys);
                }
                tx.api_keys().insert(&key, &text.hash()).await?;
                tx.events().append(events::key_created(&self.env, ctx, &key)).await?;
                Ok(key)
            })
            .await;
        let made = made?;
        let text = self.text(made.id).secret().clone();
        Ok(IssuedKey { key: made, text })
    }

    /// The workspace's keys, the newest first; those that ended too.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin and for keys, and the store's.
    pub async fn list(&self, scope: &WorkspaceScope, page: &PageRequest) -> Result<Page<ApiKey>> {
        scope.require(Area::ApiKeys.read().by(Role::Admin))?;
        Ok(self.keys.page(scope, page).await?)
    }

    /// Takes a key back: its next call is refused. One that was taken back stays so.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin and for keys; [`Error::NotFound`].
    pub async fn revoke(&self, ctx: &CallContext, scope: &WorkspaceScope, id: ApiKeyId) -> Result<()> {
        scope.require(Area::ApiKeys.write().by(Role::Admin))?;
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let key = tx.api_keys().find(id).await?.ok_or(Error::NotFound)?;
                let revocable = key.status(now).transition(KeyInput::Revoke).is_some();
                if revocable && tx.api_keys().revoke(id, now).await? {
                    tx.events().append(events::key_revoked(&self.env, ctx, &key)).await?;
                }
                Ok(())
            })
            .await
    }

    /// Whom the text of a key lets in, where and as what; `None` alike for a text that is no key, and for a key that
    /// is unknown, expired or revoked, whose workspace is deleted, or whose maker has left it or lost their account.
    ///
    /// # Errors
    /// The store's.
    pub async fn authenticate(&self, text: &str) -> StoreResult<Option<KeyLogin>> {
        let Some(token) = RawToken::parse(TokenKind::ApiKey, text) else { return Ok(None) };
        let scope = SystemScope::for_authentication();
        let standing = self.directory.find_standing(&scope, &token.hash()).await?;
        let now = self.env.now();
        let live = standing.filter(|standing| standing.key.status(now) == KeyStatus::Live);
        Ok(live.map(|standing| {
            let key = standing.key;
            let is_news = key.use_is_news(now);
            let scope =
                WorkspaceScope::for_api_key(key.id, key.workspace_id, standing.maker_role, key.scopes);
            KeyLogin { scope, key: key.id, is_news }
        }))
    }

    /// Notes that the key is used now.
    ///
    /// # Errors
    /// The store's. The use itself is none the worse for it.
    pub async fn note_use(&self, key: ApiKeyId) -> Result<(), StoreError> {
        self.directory.note_use(&SystemScope::for_authentication(), key, self.env.now()).await
    }

    fn text(&self, id: ApiKeyId) -> RawToken {
        self.mint.derived(TokenKind::ApiKey, "api key", &[id.uuid().as_bytes()])
    }
}

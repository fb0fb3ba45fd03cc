//! API keys over HTTP: made by admins, used by programs.

mod managing;
mod scene;
mod scopes;
mod using;

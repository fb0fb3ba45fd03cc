//! The parameters that narrow a trail, with those that one of its routes has besides.

use ::workspace::{Action, AuditFilter, services::ExportFormat};
use kernel::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::Object;
use uuid::Uuid;

macro_rules! trail_filters {
    ($($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        pub(super) struct $name {
            /// What this person or API key did.
            actor_id: Option<Uuid>,
            /// Facts of this type, such as `campaign.created`; with a dot at its end all that begin so: `campaign.`
            #[param(value_type = Option<String>, max_length = 100)]
            action: Option<Action>,
            /// Facts about this kind of thing, such as `campaign`.
            #[param(max_length = 100)]
            subject_kind: Option<String>,
            /// Facts about this thing.
            subject_id: Option<Uuid>,
            /// Facts of this instant or later.
            #[param(value_type = Option<String>, format = DateTime)]
            from: Option<Timestamp>,
            /// Facts before this instant.
            #[param(value_type = Option<String>, format = DateTime)]
            to: Option<Timestamp>,
            $($(#[$more])* pub(super) $field: $type,)*
        }

        impl $name {
            /// What narrows any trail.
            pub(super) fn facts(&self) -> AuditFilter {
                AuditFilter {
                    actor_id: self.actor_id,
                    action: self.action.clone(),
                    subject_kind: self.subject_kind.clone(),
                    subject_id: self.subject_id,
                    from: self.from,
                    to: self.to,
                }
            }
        }
    )* };
}

trail_filters! {
    /// Of a workspace's list.
    TrailFilter {}

    /// Of a workspace's export.
    ExportFilter {
        /// JSON lines when absent.
        #[param(schema_with = formats, required = false)]
        format: Option<ExportFormat>,
    }

    /// Of the platform's list.
    PlatformFilter {
        /// Facts of this workspace.
        workspace_id: Option<Uuid>,
        /// Facts of this person's own trail.
        user_id: Option<Uuid>,
    }
}

fn formats() -> Object {
    crate::http::schema::names(ExportFormat::ALL.map(ExportFormat::name))
}

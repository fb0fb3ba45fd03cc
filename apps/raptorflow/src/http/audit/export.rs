//! `GET /api/v1/workspaces/{workspace_id}/audit-logs/export`.

use super::{AuditEntryBody, filter::ExportFilter, table};
use crate::http::{problem::Problem, query::Query, tenant::Tenant};
use crate::wiring::Services;
use ::workspace::services::{AuditExport, ExportFormat};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};
use futures_util::{Stream, StreamExt, stream};
use kernel::AuditEntry;
use std::io;

/// The workspace's audit trail as a file, the newest fact first.
///
/// Narrowed by the same parameters as the list. JSON lines are the items of the list, one per line. In CSV, a text that
/// begins like a formula has an apostrophe before it. A file that breaks off is not whole: its answer does not end
/// properly either. The export is itself a fact of the trail (`audit.exported`).
#[utoipa::path(tag = "audit", operation_id = "export_audit_logs", params(ExportFilter),
    responses((status = 200, content((String = "application/x-ndjson"), (String = "text/csv")))),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["events"])), ("x-writes" = json!(["events"]))))]
#[get("/api/v1/workspaces/{workspace_id}/audit-logs/export")]
pub(super) async fn export_audit_logs(
    services: web::Data<Services>,
    tenant: Tenant,
    query: Query<ExportFilter>,
) -> Result<HttpResponse, Problem> {
    let Tenant { ctx, scope } = tenant;
    let format = query.0.format.unwrap_or_default();
    let mut export = services.audit.export(&ctx, &scope, query.0.facts(), format).await?;
    // Read before the answer begins: a store that is away is still a problem with a status.
    let first = export.next().await?.unwrap_or_default();
    let name = format!("audit-logs-{}.{}", scope.workspace(), format.name());
    Ok(HttpResponse::Ok()
        .content_type(media_type(format))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(file(format, first, export)))
}

const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Jsonl => "application/x-ndjson",
        ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
    }
}

/// The file in pieces, each made when the one before has been taken.
fn file(
    format: ExportFormat,
    first: Vec<AuditEntry>,
    export: AuditExport,
) -> impl Stream<Item = io::Result<Bytes>> {
    let begin = stream::once(async move { beginning(format, first) });
    let rest = stream::try_unfold(export, move |mut export| async move {
        let page = export.next().await.map_err(io::Error::other)?;
        Ok(page.map(|page| piece(format, page)).transpose()?.map(|piece| (piece, export)))
    });
    begin.chain(rest).inspect(|piece| {
        if let Err(error) = piece {
            tracing::error!(error = %error, "an export of the audit trail broke off");
        }
    })
}

fn beginning(format: ExportFormat, first: Vec<AuditEntry>) -> io::Result<Bytes> {
    let mut bytes = match format {
        ExportFormat::Jsonl => Vec::new(),
        ExportFormat::Csv => table::head()?,
    };
    bytes.extend_from_slice(&piece(format, first)?);
    Ok(bytes.into())
}

fn piece(format: ExportFormat, entries: Vec<AuditEntry>) -> io::Result<Bytes> {
    let entries: Vec<AuditEntryBody> = entries.into_iter().map(Into::into).collect();
    match format {
        ExportFormat::Csv => Ok(table::rows(&entries)?.into()),
        ExportFormat::Jsonl => {
            let mut lines = Vec::new();
            for entry in &entries {
                serde_json::to_writer(&mut lines, entry)?;
                lines.push(b'\n');
            }
            Ok(lines.into())
        }
    }
}

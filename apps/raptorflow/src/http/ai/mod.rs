//! Language models, asked directly.

mod analytics;
mod answer;
mod ask;
mod batch;
mod catalogue;
mod generate;
mod openai;
mod providers;
mod stream;
mod usage;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(generate::inference).add(generate::generate).add(batch::batch_inference);
    routes.add(catalogue::list_models).add(catalogue::ai_status);
    routes
        .add(providers::list_providers)
        .add(providers::lend_provider_key)
        .add(providers::withdraw_provider_key);
    routes.add(usage::ai_usage).add(usage::clear_ai_cache).add(analytics::ai_analytics);
    openai::configure(routes);
}

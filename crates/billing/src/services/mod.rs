//! The use cases, and the price list that comes with the program.

mod plans;
mod shipped;

pub use plans::PlanService;
pub use shipped::ShippedPlans;

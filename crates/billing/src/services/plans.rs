//! Reading the price list.

use crate::{
    Error, Result,
    model::{Plan, PlanCode},
    ports::PlanCatalogue,
};
use kernel::{Date, Environment, TimeZone};
use std::sync::Arc;

/// Reads the price list; open to everybody.
#[derive(Clone)]
pub struct PlanService {
    catalogue: Arc<dyn PlanCatalogue>,
    env: Environment,
}

impl PlanService {
    /// The use cases over a price list.
    #[must_use]
    pub fn new(catalogue: Arc<dyn PlanCatalogue>, env: Environment) -> Self {
        Self { catalogue, env }
    }

    /// Every plan on sale today (UTC).
    ///
    /// # Errors
    /// The catalogue's.
    pub async fn list(&self) -> Result<Vec<Plan>> {
        Ok(self.catalogue.on_sale(self.today()).await?)
    }

    /// The plan of this code that is on sale today (UTC).
    ///
    /// # Errors
    /// [`Error::PlanUnknown`] when there is none.
    pub async fn get(&self, code: &PlanCode) -> Result<Plan> {
        self.catalogue.find(code, self.today()).await?.ok_or(Error::PlanUnknown)
    }

    fn today(&self) -> Date {
        self.env.now().date_in(&TimeZone::utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::ShippedPlans;
    use kernel::testing::environment;

    #[tokio::test]
    async fn anybody_sees_the_plans_on_sale_the_free_one_first() {
        let plans = PlanService::new(Arc::new(ShippedPlans), environment().0);
        let listed = plans.list().await.unwrap();
        let codes: Vec<_> = listed.iter().map(|plan| plan.code.as_str()).collect();
        assert_eq!(codes, ["free", "starter", "growth", "growth_yearly", "scale"]);
        for plan in &listed {
            assert_eq!(plans.get(&plan.code).await.as_ref(), Ok(plan));
        }
    }

    #[tokio::test]
    async fn a_code_that_is_not_on_sale_is_unknown() {
        let plans = PlanService::new(Arc::new(ShippedPlans), environment().0);
        let code = PlanCode::parse("platinum").unwrap();
        assert_eq!(plans.get(&code).await, Err(Error::PlanUnknown));
    }
}

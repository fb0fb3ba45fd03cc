//! Making an account.

use super::{AccountService, MailPurpose, mail};
use crate::{
    Account, EmailAddress, IdentityError, Password, Person, Profile, User, error::IdentityResult, events,
};
use kernel::{CallContext, FieldErrors, StoreError, SystemScope, field::Checker};
use secrecy::SecretString;

/// What somebody gives to get an account.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Their address.
    pub email: String,
    /// The password they want.
    pub password: SecretString,
    /// How colleagues shall see them.
    pub display_name: Option<String>,
}

impl SignUp {
    fn check(&self) -> Result<(EmailAddress, Password, Option<String>), FieldErrors> {
        let mut check = Checker::default();
        let email = check.field("/email", EmailAddress::parse(&self.email));
        let password = check.field("/password", Password::parse(&self.password));
        let name = check.field("/display_name", Profile::parse_name(self.display_name.as_deref()));
        check.finish_with(
            email.zip(password).zip(name).map(|((email, password), name)| (email, password, name)),
        )
    }
}

impl AccountService {
    /// Makes an account and has the address verified by mail. For a taken address the answer is the same, as fresh
    /// and as plausible, but belongs to nobody; the owner gets a mail about it instead.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] with every wrong field, [`IdentityError::Overloaded`], or the store's.
    pub async fn sign_up(&self, ctx: &CallContext, request: &SignUp) -> IdentityResult<Account> {
        let (email, password, name) = request.check()?;
        let hash = self.hasher.hash(password.as_attempt()).await?;
        let user = User::new(self.env.id(), email, hash, self.env.now());
        let newcomer = Person { profile: Profile::new(user.id, name), user };
        match self.register(ctx, &newcomer).await {
            // Somebody took the address since this unit looked: now it is there to be seen.
            Err(IdentityError::Store(StoreError::Conflict(_))) => self.register(ctx, &newcomer).await,
            answer => answer,
        }
    }

    async fn register(&self, ctx: &CallContext, newcomer: &Person) -> IdentityResult<Account> {
        let scope = SystemScope::for_authentication();
        let Person { user, profile } = newcomer;
        let work = self.uow.run_once(&scope, ctx, self.env.now(), async |tx| {
            let mail = match tx.users().find_by_email(&user.email).await? {
                Some(owner) => mail::job(&self.env, ctx, owner.id, MailPurpose::SignUpNotice),
                None => {
                    tx.users().insert(user, profile).await?;
                    tx.events().append(events::user_signed_up(&self.env, ctx, user)).await?;
                    mail::job(&self.env, ctx, user.id, MailPurpose::VerifyEmail)
                }
            };
            tx.jobs().enqueue(mail).await?;
            Ok(Account::from(newcomer))
        });
        work.await
    }
}

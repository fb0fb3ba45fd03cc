//! The conformance suite on SQLite.

mod sqlite {
    use crate::support;
    use conformance::{Stores, revocations::Heard};
    use std::sync::Arc;

    async fn shared() -> Stores {
        Stores::of(support::shared().await)
    }

    async fn fresh() -> Stores {
        Stores::of(support::fresh().await)
    }

    async fn told(heard: Arc<Heard>) -> Stores {
        Stores::of(support::shared().await.with_revocations(heard))
    }

    #[test]
    fn of_two_processes_none_overspends() {
        conformance::block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (one, other) = (support::open_at(folder.path()).await, support::open_at(folder.path()).await);
            conformance::ledger::of_two_processes_none_overspends(Stores::of(one), Stores::of(other)).await;
        });
    }

    /// Commits don't take it: the file would stay as it was, and the log grow.
    #[test]
    fn the_log_is_taken_into_the_file_behind_commits() {
        conformance::block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let stores = Stores::of(support::open_at(folder.path()).await);
            let length = || std::fs::metadata(folder.path().join("test.db")).unwrap().len();
            let (me, before) = (stores.tenant(), length());
            for _ in 0..5_000 {
                let hold = conformance::ledger::hold(&stores, &me, 1);
                conformance::ledger::held(&stores, &me, &hold, None).await;
                if length() > before {
                    return;
                }
            }
            panic!("5,000 commits were made, and the file has the {before} bytes of its beginning");
        });
    }

    conformance::suite!(shared, fresh);
    conformance::revocation_cases!(told);
}

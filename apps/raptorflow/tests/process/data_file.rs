//! The database of an embedded server, at which a test looks beside the process, or behind its back.

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sqlite::Sqlite,
};
use std::path::{Path, PathBuf};

/// The file in a server's data folder.
pub(crate) struct DataFile(PathBuf);

impl DataFile {
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self(data_dir.join("raptorflow.db"))
    }

    fn open(&self) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(self.0.to_str().unwrap()).unwrap();
        conn.batch_execute("pragma busy_timeout = 5000").unwrap();
        conn
    }

    /// The one row that the query finds.
    pub(crate) fn row<T: QueryableByName<Sqlite> + 'static>(&self, query: &str) -> T {
        sql_query(query).get_result(&mut self.open()).unwrap()
    }

    pub(crate) fn change(&self, statements: &str) {
        self.open().batch_execute(statements).unwrap();
    }

    /// Who does `what`, such as `insert on jobs`, to a row of which the condition holds goes no further: they count grains of
    /// sand in the middle of their transaction, until they are killed.
    pub(crate) fn hold_up(&self, what: &str, condition: &str) {
        self.change(&format!(
            "create table sand as with recursive grains(n) as
               (select 1 union all select n + 1 from grains where n < 1000) select n from grains;
             create trigger gate before {what} for each row when {condition} begin
               select count(*) from sand a, sand b, sand c, sand d;
             end"
        ));
    }

    /// What follows the death of the one process: nobody is held up any more, and the leases of its jobs have run out.
    pub(crate) fn bury(&self) {
        self.change(
            "drop trigger gate; drop table sand; update jobs set lease_until = 0 where state = 'running'",
        );
    }
}

use super::*;
use crate::tables::Table;

#[test]
fn a_database_is_named_by_its_kind() {
    struct Case(&'static str, Option<Database>);
    for Case(text, database) in [
        Case("sqlite:a.db", Some(Database::Sqlite("a.db".into()))),
        Case(
            "sqlite:/x/a b.db",
            Some(Database::Sqlite("/x/a b.db".into())),
        ),
        Case(
            "postgres://h/d",
            Some(Database::Postgres("postgres://h/d".to_owned())),
        ),
        Case(
            "postgresql://h/d",
            Some(Database::Postgres("postgresql://h/d".to_owned())),
        ),
        Case("sqlite:", None),
        Case("mysql://h/d", None),
        Case("a.db", None),
    ] {
        assert_eq!(text.parse::<Database>().ok(), database, "{text}");
    }
}

#[test]
fn the_schema_has_every_table_and_column_in_each_dialect() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let sql = sql(dialect);
        assert!(!sql.contains('{'), "{sql}");
        for table in Table::ALL {
            let name = format!("CREATE TABLE {} (", table.name());
            let (_, rest) = sql.split_once(&name).unwrap();
            let (own, _) = rest.split_once("\n)").unwrap();
            for column in table.stored() {
                assert!(
                    own.contains(&format!("\n    {} ", column.name)),
                    "{name} {}",
                    column.name
                );
            }
        }
    }
}

//! The rows of each table, in the order of its columns.

use std::borrow::Cow;

use super::{Article, Table, Value, without_nul};
use crate::entity::fold;
use crate::output::{Entity, Measure, Mention, Unit};

/// Where rows go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Database,
    File,
}

impl<'a> Article<'a> {
    /// Hands each of the article's rows for a database to `take`, with as many values as [`Table::stored`] has columns.
    ///
    /// # Errors
    /// What `take` says.
    pub fn stored<E>(
        &self,
        table: Table,
        take: &mut dyn FnMut(&[Value<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.rows(table, Home::Database, take)
    }

    /// Hands each of the article's rows for a file to `take`, with as many values as [`Table::filed`] has columns.
    ///
    /// # Errors
    /// What `take` says.
    pub fn filed<E>(
        &self,
        table: Table,
        take: &mut dyn FnMut(&[Value<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.rows(table, Home::File, take)
    }

    fn rows<E>(
        &self,
        table: Table,
        home: Home,
        take: &mut dyn FnMut(&[Value<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = self.line;
        match table {
            Table::Articles => take(&self.article(home)),
            Table::Entities => line
                .entities
                .iter()
                .try_for_each(|entity| take(&self.entity(entity, home))),
            Table::Roles => line.entities.iter().try_for_each(|entity| {
                let mut roles = entity.roles.iter();
                roles.try_for_each(|role| take(&[Value::Article, text(&entity.id), text(role)]))
            }),
            Table::Mentions => line.entities.iter().try_for_each(|entity| {
                let mut mentions = (1..).zip(&entity.mentions);
                mentions.try_for_each(|(number, mention)| {
                    take(&self.mention(entity, number, mention, home))
                })
            }),
            Table::Measures => line
                .measures
                .iter()
                .try_for_each(|measure| take(&self.measure(measure, home))),
            Table::MeasureParties => line.measures.iter().try_for_each(|measure| {
                let imposers = measure.imposers.iter().map(|id| ("imposer", id));
                let mut parties = imposers.chain(measure.targets.iter().map(|id| ("target", id)));
                parties.try_for_each(|(part, id)| {
                    take(&[Value::Article, text(&measure.id), text(part), text(id)])
                })
            }),
        }
    }

    fn article(&self, home: Home) -> Vec<Value<'_>> {
        let line = self.line;
        let mut row = vec![Value::Article, text(&line.id)];
        if home == Home::Database {
            row.push(Value::Integer(self.output));
        }
        let ranges: Vec<String> = line
            .body
            .iter()
            .map(|(start, end)| format!("[{start},{end}]"))
            .collect();
        row.extend([
            text(&line.run),
            text(&line.source.path),
            whole(line.source.record),
            optional(line.title.as_deref()),
            optional(line.published.as_deref()),
            self.day(),
            optional(line.lang.as_deref()),
            optional(line.url.as_deref()),
            optional(self.outlet.as_deref()),
            optional(line.text.as_deref().filter(|_| self.keep_text)),
            Value::Json(format!("[{}]", ranges.join(","))),
            text(match self.unit {
                Unit::Points => "points",
                Unit::Bytes => "bytes",
            }),
            Value::Flag(line.relevant),
            whole(line.stats.sentences),
            whole(line.stats.tokens),
            whole(line.stats.windows),
        ]);
        if home == Home::Database {
            row.extend([Value::Moment(self.tagged_at), Value::Bytes(self.hash)]);
        }
        row
    }

    fn entity(&self, entity: &'a Entity, home: Home) -> Vec<Value<'_>> {
        let country = entity.country.as_ref();
        let mut row = vec![Value::Article];
        self.context(&mut row, home);
        row.extend([
            text(&entity.id),
            text(&entity.r#type),
            text(&entity.name),
            Value::Text(Cow::Owned(who(entity))),
            optional(country.map(|country| country.alpha2.as_str())),
        ]);
        if home == Home::File {
            row.push(optional(country.map(|country| country.alpha3.as_str())));
        }
        row.push(Value::Real(entity.score));
        if home == Home::File {
            let has = |role: &str| Value::Flag(entity.roles.iter().any(|it| it == role));
            row.extend([has("target"), has("imposer"), has("linked")]);
        }
        row.push(whole(entity.mentions.len()));
        row
    }

    fn mention(
        &self,
        entity: &'a Entity,
        number: i64,
        mention: &'a Mention,
        home: Home,
    ) -> Vec<Value<'_>> {
        let mut row = vec![Value::Article];
        self.context(&mut row, home);
        row.extend([text(&entity.id), Value::Integer(number)]);
        if home == Home::File {
            row.extend([
                text(&entity.r#type),
                text(&entity.name),
                Value::Text(Cow::Owned(who(entity))),
            ]);
        }
        row.extend([
            whole(mention.start),
            whole(mention.end),
            text(&mention.text),
            Value::Real(mention.score),
            optional(mention.form.as_deref()),
        ]);
        row
    }

    fn measure(&self, measure: &'a Measure, home: Home) -> Vec<Value<'_>> {
        let mut row = vec![Value::Article];
        self.context(&mut row, home);
        row.extend([text(&measure.id), text(&measure.status)]);
        if home == Home::File {
            let names = |ids: &[String]| {
                let names = ids.iter().filter_map(|id| self.line.entity(id));
                let names: Vec<&str> = names.map(|entity| entity.name.as_str()).collect();
                Value::Text(Cow::Owned(without_nul(&names.join("; ")).into_owned()))
            };
            row.extend([names(&measure.imposers), names(&measure.targets)]);
        }
        row.extend([
            optional(measure.trigger.text.as_deref()),
            whole(measure.trigger.start),
            whole(measure.trigger.end),
            optional(self.evidence(measure)),
            whole(measure.evidence.start),
            whole(measure.evidence.end),
            Value::Real(measure.score),
        ]);
        row
    }

    /// What rows of a file bring along of their article.
    fn context<'b>(&'b self, row: &mut Vec<Value<'b>>, home: Home) {
        if home == Home::File {
            row.extend([self.day(), optional(self.outlet.as_deref())]);
        }
    }

    fn day(&self) -> Value<'_> {
        self.published_on.map_or(Value::Null, Value::Day)
    }
}

/// Who an entity is across articles: a country's code, else its name without case, accents and points.
#[must_use]
pub(crate) fn who(entity: &Entity) -> String {
    match &entity.country {
        Some(country) => country.alpha2.clone(),
        None => {
            let folded = fold(&entity.name);
            if folded.is_empty() {
                without_nul(&entity.name).into_owned()
            } else {
                folded
            }
        }
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(without_nul(text))
}

fn optional(it: Option<&str>) -> Value<'_> {
    it.map_or(Value::Null, text)
}

fn whole<N: TryInto<i64>>(number: N) -> Value<'static> {
    number.try_into().map_or(Value::Null, Value::Integer)
}

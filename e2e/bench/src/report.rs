//! Tables, as Markdown and as JSON.

use std::fmt::{self, Display, Formatter};

use serde_json::{Map, Value, json};

use crate::statistics::Samples;

/// One table.
#[derive(Debug)]
pub struct Table {
    pub title: String,
    /// The note above it.
    pub about: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

#[derive(Debug)]
pub struct Cell {
    text: String,
    value: Value,
}

impl Table {
    pub fn new(
        title: impl Into<String>,
        about: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self { title: title.into(), about, columns, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn to_json(&self) -> Value {
        let row = |cells: &Vec<Cell>| -> Map<String, Value> {
            self.columns
                .iter()
                .zip(cells)
                .map(|(name, cell)| ((*name).to_owned(), cell.value.clone()))
                .collect()
        };
        json!({
            "title": self.title,
            "about": self.about,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { value: text.clone().into(), text }
    }

    pub fn number(number: f64, decimals: usize) -> Self {
        Self { text: format!("{number:.decimals$}"), value: number.into() }
    }

    pub fn count(count: usize) -> Self {
        Self { text: count.to_string(), value: count.into() }
    }

    /// The median, and the range of nine in ten samples.
    pub fn spread(samples: &Samples, decimals: usize) -> Self {
        if samples.is_empty() {
            return Self::empty();
        }
        let [p5, median, p95] = [5, 50, 95].map(|percent| samples.quantile(percent));
        Self {
            text: format!("{median:.decimals$} ({p5:.decimals$}–{p95:.decimals$})"),
            value: json!({ "median": median, "p5": p5, "p95": p95 }),
        }
    }

    /// A goal, for comparison. Nothing is asserted: times depend on the machine.
    pub fn wanted(text: &'static str) -> Self {
        Self { text: text.to_owned(), value: json!({ "wanted": text }) }
    }

    /// No value: the machine does not tell it, or it has no meaning in this row.
    pub fn empty() -> Self {
        Self { text: String::new(), value: Value::Null }
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "**{}**\n\n{}\n", self.title, self.about)?;
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        let is_text = |column: usize| {
            self.rows.iter().any(|row| row.get(column).is_some_and(|cell| cell.value.is_string()))
        };
        let lines = (0..self.columns.len()).map(|n| if is_text(n) { "---" } else { "---:" });
        writeln!(f, "|{}|", lines.collect::<Vec<_>>().join("|"))?;
        for row in &self.rows {
            let cells: Vec<_> = row.iter().map(|cell| cell.text.as_str()).collect();
            writeln!(f, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

//! Calls of one client through the gateway: the first after a start, then warm ones.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use reqwest::Client;
use serde_json::{Value, json};

use crate::stack::Running;
use crate::statistics::{Samples, ms};

const STARTS: usize = 5;
const WARM: usize = 2_000;

pub async fn run(assembly: &Path) -> Result<()> {
    let (mut first, mut warm) = (Samples::default(), Samples::default());
    for _ in 0..STARTS {
        let running = Running::start(assembly).await?;
        let http = Client::new();
        let nothing = format!("{}/events/00000000-0000-4000-8000-000000000000", running.api);
        let start = Instant::now();
        http.get(nothing).send().await?.bytes().await?;
        first.push(start.elapsed());

        let created = http
            .post(format!("{}/events", running.api))
            .header("content-type", "application/json")
            .body(json!({ "name": "Benchmark", "date": "2026-06-15" }).to_string())
            .send()
            .await?;
        let event: Value = serde_json::from_slice(&created.bytes().await?)?;
        let id = event["id"].as_str().context("no event was created")?;
        let url = format!("{}/events/{id}", running.api);
        for _ in 0..WARM / STARTS {
            let start = Instant::now();
            let answer = http.get(&url).send().await?.error_for_status()?;
            answer.bytes().await?;
            warm.push(start.elapsed());
        }
        running.stop().await?;
    }
    println!("| GET /events/{{id}} through the gateway | median ms | p99 ms | samples |");
    println!("|---|---:|---:|---:|");
    for (name, samples, count) in
        [("first call after a start", first, STARTS), ("warm", warm, WARM)]
    {
        println!("| {name} | {} | {} | {count} |", ms(samples.median()), ms(samples.quantile(99)));
    }
    Ok(())
}

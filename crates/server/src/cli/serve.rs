//! `sideline serve`: everything over HTTP.

use super::app::{App, block_on, told_to_end};
use super::console::Console;
use super::{Failure, Status};
use crate::api::Api;
use accounts::{Auth, Registration};
use axum_server::Handle;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// How long requests that have begun may take when the program is told to end.
const FAREWELL: Duration = Duration::from_secs(20);

/// `sideline serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It answers at the address of the setting `listen` and does the jobs of the queue as well. What is begun when it is told to end (Ctrl-C, SIGTERM)
is finished. The first account that is registered is an admin's.

Examples:
  sideline serve
  SIDELINE_LISTEN=0.0.0.0:8080 sideline serve")]
pub struct Args {}

/// Answers until it is told to end.
pub fn run(_: &Args, console: &Console) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        app.check_rubric()?;
        app.set_schedules().await?;
        let stop = told_to_end()?;
        let listen = app.config.listen;
        let cannot = |error| Failure::Failed(format!("{listen}: the program cannot listen there: {error}; set SIDELINE_LISTEN"));
        let listener = TcpListener::bind(listen).map_err(cannot)?;
        listener.set_nonblocking(true)?;
        let at = listener.local_addr()?;
        let auth = Auth::new(app.db.clone(), app.clock.clone(), Registration::Closed).await?;
        let api = Api { db: app.db.clone(), blobs: app.blobs.clone(), clock: app.clock.clone(), auth };
        let handle = Handle::new();
        let (ending, asked) = (handle.clone(), stop.clone());
        tokio::spawn(async move {
            asked.cancelled().await;
            ending.graceful_shutdown(Some(FAREWELL));
        });
        let worker = app.worker();
        let jobs = tokio::spawn({
            let stop = stop.clone();
            async move { worker.run(&stop).await }
        });
        console.note(&format!("answering at http://{at}; end it with Ctrl-C"));
        let service = api.router().into_make_service_with_connect_info::<SocketAddr>();
        let served = axum_server::from_tcp(listener)?.handle(handle).serve(service).await;
        stop.cancel();
        let _ = jobs.await;
        app.db.close().await;
        served?;
        Ok(Status::Done)
    })
}

//! `sideline serve`: everything over HTTP.

use super::app::{App, block_on, told_to_end};
use super::console::Console;
use super::tls;
use super::{Failure, Status};
use crate::api::{Api, Limits, Settings};
use accounts::Auth;
use axum_server::Handle;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// How long requests that have begun may take when the program is told to end.
const FAREWELL: Duration = Duration::from_secs(20);

/// How long a request may take to say what it wants, up to its body.
const HEAD: Duration = Duration::from_secs(10);

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
        let left = |error| Failure::Failed(format!("what was left on its way in cannot be deleted: {error}"));
        app.blobs.clear_arriving().map_err(left)?;
        app.set_schedules().await?;
        let stop = told_to_end()?;
        let listen = app.config.listen;
        let cannot =
            |error| Failure::Failed(format!("{listen}: the program cannot listen there: {error}; set SIDELINE_LISTEN"));
        let listener = TcpListener::bind(listen).map_err(cannot)?;
        listener.set_nonblocking(true)?;
        let at = listener.local_addr()?;
        let config = &app.config;
        let search = app.search().await?;
        let settings = Settings {
            limits: Limits {
                user: config.rate_limit,
                address: config.rate_limit_address,
                proxies: config.trusted_proxies.clone(),
            },
            cors_origins: config.cors_origins.clone(),
            tls: config.tls.is_some(),
            zone: config.zone().map_err(Failure::Usage)?,
            redact: config.redact,
            rubric: config.rubric.clone(),
            upload: usize::try_from(config.upload_limit).unwrap_or(usize::MAX),
            analyst: app.analyst.clone(),
            sealer: app.intake.sealer.clone(),
            patience: config.patience,
            watch: config.watch.clone(),
            cron_secret: config.cron_secret.clone(),
            search: Some(search.clone()),
        };
        let auth = Auth::new(app.db.clone(), app.clock.clone(), config.registration.clone()).await?;
        let api = Api::new(auth, app.blobs.clone(), &settings, stop.clone());
        let router = api.router(&settings).map_err(|error| Failure::Failed(error.to_string()))?;
        let handle = Handle::new();
        let (ending, asked) = (handle.clone(), stop.clone());
        tokio::spawn(async move {
            asked.cancelled().await;
            ending.graceful_shutdown(Some(FAREWELL));
        });
        let jobs = (app.config.worker_concurrency > 0).then(|| {
            let (worker, stop) = (app.worker_with(Some(&search)), stop.clone());
            tokio::spawn(async move { worker.run(&stop).await })
        });
        let watch = {
            let (intake, stop) = (app.intake.clone(), stop.clone());
            tokio::spawn(async move { stop.run_until_cancelled(intake::watch(&intake)).await })
        };
        let follow = {
            let (deals, stop) = (app.deals.clone(), stop.clone());
            tokio::spawn(async move { stop.run_until_cancelled(deals::follow(&deals)).await })
        };
        let index = {
            let (search, stop) = (search.clone(), stop.clone());
            tokio::spawn(async move { stop.run_until_cancelled(search::follow(&search)).await })
        };
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        console.note(&format!("answering at {scheme}://{at}; end it with Ctrl-C"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let served = match &config.tls {
            None => {
                let mut server = axum_server::from_tcp(listener)?.handle(handle);
                patience(server.http_builder());
                server.serve(service).await
            }
            Some((certificate, key)) => {
                let tls = tls::begin(certificate, key, stop.clone()).await.map_err(Failure::Usage)?;
                let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
                patience(server.http_builder());
                server.serve(service).await
            }
        };
        stop.cancel();
        if let Some(jobs) = jobs {
            let _ = jobs.await;
        }
        let _ = watch.await;
        let _ = follow.await;
        let _ = index.await;
        app.db.close().await;
        served?;
        Ok(Status::Done)
    })
}

/// Lets go of whoever does not say what they want.
fn patience(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(HEAD));
}

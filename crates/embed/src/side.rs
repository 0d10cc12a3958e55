//! Many texts in parts that are done side by side.

use crate::EmbedError;
use tokio::task::JoinSet;

/// Neighbours together: at most so many, and with at most this much of what `size` tells of each, unless one alone has more.
pub(crate) fn batches<T>(
    texts: &[T],
    size: impl Fn(&T) -> usize,
    most: usize,
    most_size: usize,
) -> impl Iterator<Item = &[T]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fits = |text: &&T| {
            sum += size(text);
            sum <= most_size
        };
        let count = rest.iter().take(most).take_while(fits).count().max(1).min(rest.len());
        let (batch, further) = rest.split_at(count);
        rest = further;
        (!batch.is_empty()).then_some(batch)
    })
}

/// Does all parts at the same time, and puts the vectors of each where its texts are. The first error ends all.
pub(crate) async fn side_by_side<T, F>(
    parts: Vec<Vec<T>>,
    work: impl Fn(Vec<T>) -> F,
) -> Result<Vec<Vec<f32>>, EmbedError>
where
    F: Future<Output = Result<Vec<Vec<f32>>, EmbedError>> + Send + 'static,
{
    let mut all = Vec::new();
    // What is not done yet ends with the set.
    let mut set = JoinSet::new();
    for part in parts {
        let from = all.len();
        all.resize(from + part.len(), Vec::new());
        let done = work(part);
        set.spawn(async move { (from, done.await) });
    }
    while let Some(done) = set.join_next().await {
        let (from, vectors) = done.map_err(|_| EmbedError::Stopped)?;
        for (place, vector) in all[from..].iter_mut().zip(vectors?) {
            *place = vector;
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn neighbours_go_together_as_far_as_there_is_place() {
        let split =
            |sizes: &[usize], most| batches(sizes, |size| *size, most, 10).map(<[usize]>::to_vec).collect::<Vec<_>>();
        assert_eq!(split(&[4, 6, 1, 30, 5, 5, 5], 9), [vec![4, 6], vec![1], vec![30], vec![5, 5], vec![5]]);
        assert_eq!(split(&[1, 1, 1, 1, 1], 2), [vec![1, 1], vec![1, 1], vec![1]]);
        assert_eq!(split(&[], 9), [[0; 0]; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn vectors_stand_where_their_texts_are_whichever_is_done_first() {
        let work = |part: Vec<u64>| async move {
            tokio::time::sleep(Duration::from_secs(part[0])).await;
            Ok(part.iter().map(|number| vec![*number as f32]).collect())
        };
        let found = side_by_side(vec![vec![3, 1], vec![2], vec![1, 9]], work).await.unwrap();
        assert_eq!(found.concat().iter().map(|number| *number as u64).collect::<Vec<_>>(), [3, 1, 2, 1, 9]);
        let fail = |part: Vec<u64>| async move {
            if part[0] == 1 { Err(EmbedError::Stopped) } else { std::future::pending().await }
        };
        assert_eq!(
            side_by_side(vec![vec![3], vec![1]], fail).await,
            Err(EmbedError::Stopped),
            "the others are given up"
        );
    }
}

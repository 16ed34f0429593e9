//! Relative positions: from the distance of two tokens to a row of the table.

use tch::Tensor;

/// Relative positions.
#[derive(Clone)]
pub(super) struct Relative {
    /// Half the rows of the table.
    pub(super) span: i64,
    /// Logarithmic buckets, of them this many on either side, up to the distance `farthest`; else one a distance.
    pub(super) buckets: Option<i64>,
    pub(super) farthest: i64,
    pub(super) content_to_position: bool,
    pub(super) position_to_content: bool,
    /// Keys and queries of positions by the content's projections.
    pub(super) shared: bool,
    /// The table passes a layer norm.
    pub(super) normed: bool,
}

/// The part of the table that a row reaches, and where in it.
pub(super) struct Reached {
    /// First row of the part.
    pub(super) first: i64,
    /// Number of rows.
    pub(super) rows: i64,
    /// Row within the part, for the query and the key of each pair of tokens, `[tokens, tokens]`.
    pub(super) index: Tensor,
}

impl Relative {
    /// Bucket of a distance in tokens, of its sign.
    fn bucket(&self, distance: i64) -> i64 {
        let Some(buckets) = self.buckets else {
            return distance;
        };
        let middle = buckets / 2;
        if distance.abs() <= middle {
            return distance;
        }
        // In f32, as the original computes it: rounding up must fall on the same side.
        let ratio = |most: i64| (most as f32 / middle as f32).ln();
        let steps = ratio(distance.abs()) / ratio(self.farthest - 1) * (middle - 1) as f32;
        (steps.ceil() as i64 + middle) * distance.signum()
    }

    /// Finds what a row of `n` tokens reaches.
    pub(super) fn reached(&self, n: i64) -> Reached {
        // On either side of the table's middle; beyond the table the last row stands for all.
        let reach = self.span.min(self.bucket(n - 1) + 1);
        let buckets: Vec<i64> = (1 - n..n)
            .map(|distance| (self.bucket(distance) + reach).clamp(0, 2 * reach - 1))
            .collect();
        let index: Vec<i64> = (0..n)
            .flat_map(|query| {
                let buckets = &buckets;
                (0..n).map(move |key| buckets[(query - key + n - 1) as usize])
            })
            .collect();
        Reached {
            first: self.span - reach,
            rows: 2 * reach,
            index: Tensor::from_slice(&index).reshape([n, n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(span: i64, buckets: Option<i64>, farthest: i64) -> Relative {
        Relative {
            span,
            buckets,
            farthest,
            content_to_position: true,
            position_to_content: true,
            shared: false,
            normed: false,
        }
    }

    #[test]
    fn buckets_are_odd_exact_up_close_and_logarithmic_afar() {
        let relative = relative(256, Some(256), 512);
        for distance in 0..512 {
            assert_eq!(relative.bucket(-distance), -relative.bucket(distance));
        }
        assert_eq!(relative.bucket(128), 128);
        assert_eq!(relative.bucket(129), 129);
        assert_eq!(relative.bucket(511), 255);
    }

    #[test]
    fn the_index_stays_inside_the_part_of_the_table_that_is_reached() {
        for (relative, n, reach) in [
            (relative(256, Some(256), 512), 29, 29),
            (relative(256, Some(256), 512), 512, 256),
            (relative(16, None, 16), 40, 16),
            (relative(40, None, 40), 1, 1),
        ] {
            let part = relative.reached(n);
            assert_eq!((part.first, part.rows), (relative.span - reach, 2 * reach));
            assert!(i64::try_from(part.index.min()).unwrap() >= 0);
            assert!(i64::try_from(part.index.max()).unwrap() < part.rows);
        }
    }
}

use super::*;

#[test]
fn every_check_of_the_built_in_rubrics_has_a_judge() {
    for rubric in crate::builtin() {
        for check in rubric.dimensions.iter().flat_map(|d| &d.checks) {
            assert!(check.kind == CheckKind::Metric || is_judge(check.judge.as_deref().unwrap_or(&check.id)), "{}", check.id);
        }
    }
}

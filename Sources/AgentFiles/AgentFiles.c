// Written by Sources/Embedding/update.py; a test compares the list with the folder.
#include "AgentFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file__afresh___init___py[] = {
#embed "../PythonRuntime/Agent/_afresh/__init__.py" suffix(,)
0};
static const unsigned char file__afresh_apply_py[] = {
#embed "../PythonRuntime/Agent/_afresh/apply.py" suffix(,)
0};
static const unsigned char file__afresh_bytecode_py[] = {
#embed "../PythonRuntime/Agent/_afresh/bytecode.py" suffix(,)
0};
static const unsigned char file__afresh_delivery_py[] = {
#embed "../PythonRuntime/Agent/_afresh/delivery.py" suffix(,)
0};
static const unsigned char file__afresh_derived_py[] = {
#embed "../PythonRuntime/Agent/_afresh/derived.py" suffix(,)
0};
static const unsigned char file__afresh_exact_py[] = {
#embed "../PythonRuntime/Agent/_afresh/exact.py" suffix(,)
0};
static const unsigned char file__afresh_execution_py[] = {
#embed "../PythonRuntime/Agent/_afresh/execution.py" suffix(,)
0};
static const unsigned char file__afresh_failure_py[] = {
#embed "../PythonRuntime/Agent/_afresh/failure.py" suffix(,)
0};
static const unsigned char file__afresh_hooks_py[] = {
#embed "../PythonRuntime/Agent/_afresh/hooks.py" suffix(,)
0};
static const unsigned char file__afresh_imports_py[] = {
#embed "../PythonRuntime/Agent/_afresh/imports.py" suffix(,)
0};
static const unsigned char file__afresh_late_py[] = {
#embed "../PythonRuntime/Agent/_afresh/late.py" suffix(,)
0};
static const unsigned char file__afresh_leftover_uses_py[] = {
#embed "../PythonRuntime/Agent/_afresh/leftover_uses.py" suffix(,)
0};
static const unsigned char file__afresh_mend_py[] = {
#embed "../PythonRuntime/Agent/_afresh/mend.py" suffix(,)
0};
static const unsigned char file__afresh_mend_holders_py[] = {
#embed "../PythonRuntime/Agent/_afresh/mend_holders.py" suffix(,)
0};
static const unsigned char file__afresh_modules_py[] = {
#embed "../PythonRuntime/Agent/_afresh/modules.py" suffix(,)
0};
static const unsigned char file__afresh_notices_py[] = {
#embed "../PythonRuntime/Agent/_afresh/notices.py" suffix(,)
0};
static const unsigned char file__afresh_outside_py[] = {
#embed "../PythonRuntime/Agent/_afresh/outside.py" suffix(,)
0};
static const unsigned char file__afresh_outstanding_py[] = {
#embed "../PythonRuntime/Agent/_afresh/outstanding.py" suffix(,)
0};
static const unsigned char file__afresh_patch_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch.py" suffix(,)
0};
static const unsigned char file__afresh_patch_began_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_began.py" suffix(,)
0};
static const unsigned char file__afresh_patch_bodies_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_bodies.py" suffix(,)
0};
static const unsigned char file__afresh_patch_branches_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_branches.py" suffix(,)
0};
static const unsigned char file__afresh_patch_caches_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_caches.py" suffix(,)
0};
static const unsigned char file__afresh_patch_callbacks_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_callbacks.py" suffix(,)
0};
static const unsigned char file__afresh_patch_called_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_called.py" suffix(,)
0};
static const unsigned char file__afresh_patch_calls_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_calls.py" suffix(,)
0};
static const unsigned char file__afresh_patch_classes_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_classes.py" suffix(,)
0};
static const unsigned char file__afresh_patch_code_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_code.py" suffix(,)
0};
static const unsigned char file__afresh_patch_constants_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_constants.py" suffix(,)
0};
static const unsigned char file__afresh_patch_contents_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_contents.py" suffix(,)
0};
static const unsigned char file__afresh_patch_enums_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_enums.py" suffix(,)
0};
static const unsigned char file__afresh_patch_execution_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_execution.py" suffix(,)
0};
static const unsigned char file__afresh_patch_frames_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_frames.py" suffix(,)
0};
static const unsigned char file__afresh_patch_functions_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_functions.py" suffix(,)
0};
static const unsigned char file__afresh_patch_hints_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_hints.py" suffix(,)
0};
static const unsigned char file__afresh_patch_identity_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_identity.py" suffix(,)
0};
static const unsigned char file__afresh_patch_import_statements_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_import_statements.py" suffix(,)
0};
static const unsigned char file__afresh_patch_inherited_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_inherited.py" suffix(,)
0};
static const unsigned char file__afresh_patch_instances_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_instances.py" suffix(,)
0};
static const unsigned char file__afresh_patch_kept_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_kept.py" suffix(,)
0};
static const unsigned char file__afresh_patch_later_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_later.py" suffix(,)
0};
static const unsigned char file__afresh_patch_made_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_made.py" suffix(,)
0};
static const unsigned char file__afresh_patch_memos_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_memos.py" suffix(,)
0};
static const unsigned char file__afresh_patch_merge_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_merge.py" suffix(,)
0};
static const unsigned char file__afresh_patch_models_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_models.py" suffix(,)
0};
static const unsigned char file__afresh_patch_names_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_names.py" suffix(,)
0};
static const unsigned char file__afresh_patch_private_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_private.py" suffix(,)
0};
static const unsigned char file__afresh_patch_reached_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_reached.py" suffix(,)
0};
static const unsigned char file__afresh_patch_reads_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_reads.py" suffix(,)
0};
static const unsigned char file__afresh_patch_reasons_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_reasons.py" suffix(,)
0};
static const unsigned char file__afresh_patch_receivers_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_receivers.py" suffix(,)
0};
static const unsigned char file__afresh_patch_redirection_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_redirection.py" suffix(,)
0};
static const unsigned char file__afresh_patch_refused_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_refused.py" suffix(,)
0};
static const unsigned char file__afresh_patch_registrations_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_registrations.py" suffix(,)
0};
static const unsigned char file__afresh_patch_repeats_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_repeats.py" suffix(,)
0};
static const unsigned char file__afresh_patch_results_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_results.py" suffix(,)
0};
static const unsigned char file__afresh_patch_session_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_session.py" suffix(,)
0};
static const unsigned char file__afresh_patch_splice_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_splice.py" suffix(,)
0};
static const unsigned char file__afresh_patch_spoken_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_spoken.py" suffix(,)
0};
static const unsigned char file__afresh_patch_stars_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_stars.py" suffix(,)
0};
static const unsigned char file__afresh_patch_submodules_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_submodules.py" suffix(,)
0};
static const unsigned char file__afresh_patch_traces_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_traces.py" suffix(,)
0};
static const unsigned char file__afresh_patch_undone_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_undone.py" suffix(,)
0};
static const unsigned char file__afresh_patch_values_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_values.py" suffix(,)
0};
static const unsigned char file__afresh_patch_withheld_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_withheld.py" suffix(,)
0};
static const unsigned char file__afresh_patch_wrappers_py[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_wrappers.py" suffix(,)
0};
static const unsigned char file__afresh_quiet_py[] = {
#embed "../PythonRuntime/Agent/_afresh/quiet.py" suffix(,)
0};
static const unsigned char file__afresh_remains_py[] = {
#embed "../PythonRuntime/Agent/_afresh/remains.py" suffix(,)
0};
static const unsigned char file__afresh_restart_py[] = {
#embed "../PythonRuntime/Agent/_afresh/restart.py" suffix(,)
0};
static const unsigned char file__afresh_rewriting_py[] = {
#embed "../PythonRuntime/Agent/_afresh/rewriting.py" suffix(,)
0};
static const unsigned char file__afresh_server_py[] = {
#embed "../PythonRuntime/Agent/_afresh/server.py" suffix(,)
0};
static const unsigned char file__afresh_stale_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale.py" suffix(,)
0};
static const unsigned char file__afresh_stale_anchors_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_anchors.py" suffix(,)
0};
static const unsigned char file__afresh_stale_balance_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_balance.py" suffix(,)
0};
static const unsigned char file__afresh_stale_fork_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_fork.py" suffix(,)
0};
static const unsigned char file__afresh_stale_found_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_found.py" suffix(,)
0};
static const unsigned char file__afresh_stale_frames_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_frames.py" suffix(,)
0};
static const unsigned char file__afresh_stale_heap_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_heap.py" suffix(,)
0};
static const unsigned char file__afresh_stale_host_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_host.py" suffix(,)
0};
static const unsigned char file__afresh_stale_imports_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_imports.py" suffix(,)
0};
static const unsigned char file__afresh_stale_kept_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_kept.py" suffix(,)
0};
static const unsigned char file__afresh_stale_ledger_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_ledger.py" suffix(,)
0};
static const unsigned char file__afresh_stale_lines_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_lines.py" suffix(,)
0};
static const unsigned char file__afresh_stale_memory_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_memory.py" suffix(,)
0};
static const unsigned char file__afresh_stale_names_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_names.py" suffix(,)
0};
static const unsigned char file__afresh_stale_objects_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_objects.py" suffix(,)
0};
static const unsigned char file__afresh_stale_paths_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_paths.py" suffix(,)
0};
static const unsigned char file__afresh_stale_report_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_report.py" suffix(,)
0};
static const unsigned char file__afresh_stale_roots_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_roots.py" suffix(,)
0};
static const unsigned char file__afresh_stale_walk_py[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_walk.py" suffix(,)
0};
static const unsigned char file__afresh_start_names_py[] = {
#embed "../PythonRuntime/Agent/_afresh/start_names.py" suffix(,)
0};
static const unsigned char file__afresh_transaction_py[] = {
#embed "../PythonRuntime/Agent/_afresh/transaction.py" suffix(,)
0};
static const unsigned char file__afresh_typed_py[] = {
#embed "../PythonRuntime/Agent/_afresh/typed.py" suffix(,)
0};
static const unsigned char file__afresh_values_py[] = {
#embed "../PythonRuntime/Agent/_afresh/values.py" suffix(,)
0};
static const unsigned char file__afresh_wire_py[] = {
#embed "../PythonRuntime/Agent/_afresh/wire.py" suffix(,)
0};
static const unsigned char file__afresh_writing_py[] = {
#embed "../PythonRuntime/Agent/_afresh/writing.py" suffix(,)
0};
static const unsigned char file_boot_attach_py[] = {
#embed "../PythonRuntime/Agent/boot/attach.py" suffix(,)
0};
static const unsigned char file_boot_notlive_py[] = {
#embed "../PythonRuntime/Agent/boot/notlive.py" suffix(,)
0};
static const unsigned char file_boot_sitecustomize_py[] = {
#embed "../PythonRuntime/Agent/boot/sitecustomize.py" suffix(,)
0};
static const unsigned char file_checker___main___py[] = {
#embed "../PythonRuntime/Agent/checker/__main__.py" suffix(,)
0};
static const unsigned char file_checker_alignment_py[] = {
#embed "../PythonRuntime/Agent/checker/alignment.py" suffix(,)
0};
static const unsigned char file_checker_bodies_py[] = {
#embed "../PythonRuntime/Agent/checker/bodies.py" suffix(,)
0};
static const unsigned char file_checker_branches_py[] = {
#embed "../PythonRuntime/Agent/checker/branches.py" suffix(,)
0};
static const unsigned char file_checker_callbacks_py[] = {
#embed "../PythonRuntime/Agent/checker/callbacks.py" suffix(,)
0};
static const unsigned char file_checker_changes_py[] = {
#embed "../PythonRuntime/Agent/checker/changes.py" suffix(,)
0};
static const unsigned char file_checker_closures_py[] = {
#embed "../PythonRuntime/Agent/checker/closures.py" suffix(,)
0};
static const unsigned char file_checker_codetree_py[] = {
#embed "../PythonRuntime/Agent/checker/codetree.py" suffix(,)
0};
static const unsigned char file_checker_comparison_py[] = {
#embed "../PythonRuntime/Agent/checker/comparison.py" suffix(,)
0};
static const unsigned char file_checker_compilation_py[] = {
#embed "../PythonRuntime/Agent/checker/compilation.py" suffix(,)
0};
static const unsigned char file_checker_constants_py[] = {
#embed "../PythonRuntime/Agent/checker/constants.py" suffix(,)
0};
static const unsigned char file_checker_edits_py[] = {
#embed "../PythonRuntime/Agent/checker/edits.py" suffix(,)
0};
static const unsigned char file_checker_effects_py[] = {
#embed "../PythonRuntime/Agent/checker/effects.py" suffix(,)
0};
static const unsigned char file_checker_exact_py[] = {
#embed "../PythonRuntime/Agent/checker/exact.py" suffix(,)
0};
static const unsigned char file_checker_filled_py[] = {
#embed "../PythonRuntime/Agent/checker/filled.py" suffix(,)
0};
static const unsigned char file_checker_fillings_py[] = {
#embed "../PythonRuntime/Agent/checker/fillings.py" suffix(,)
0};
static const unsigned char file_checker_handing_py[] = {
#embed "../PythonRuntime/Agent/checker/handing.py" suffix(,)
0};
static const unsigned char file_checker_hints_py[] = {
#embed "../PythonRuntime/Agent/checker/hints.py" suffix(,)
0};
static const unsigned char file_checker_inspection_py[] = {
#embed "../PythonRuntime/Agent/checker/inspection.py" suffix(,)
0};
static const unsigned char file_checker_kept_py[] = {
#embed "../PythonRuntime/Agent/checker/kept.py" suffix(,)
0};
static const unsigned char file_checker_listing_py[] = {
#embed "../PythonRuntime/Agent/checker/listing.py" suffix(,)
0};
static const unsigned char file_checker_makers_py[] = {
#embed "../PythonRuntime/Agent/checker/makers.py" suffix(,)
0};
static const unsigned char file_checker_moves_py[] = {
#embed "../PythonRuntime/Agent/checker/moves.py" suffix(,)
0};
static const unsigned char file_checker_names_py[] = {
#embed "../PythonRuntime/Agent/checker/names.py" suffix(,)
0};
static const unsigned char file_checker_order_py[] = {
#embed "../PythonRuntime/Agent/checker/order.py" suffix(,)
0};
static const unsigned char file_checker_outside_py[] = {
#embed "../PythonRuntime/Agent/checker/outside.py" suffix(,)
0};
static const unsigned char file_checker_params_py[] = {
#embed "../PythonRuntime/Agent/checker/params.py" suffix(,)
0};
static const unsigned char file_checker_payloads_py[] = {
#embed "../PythonRuntime/Agent/checker/payloads.py" suffix(,)
0};
static const unsigned char file_checker_planning_py[] = {
#embed "../PythonRuntime/Agent/checker/planning.py" suffix(,)
0};
static const unsigned char file_checker_preempt_py[] = {
#embed "../PythonRuntime/Agent/checker/preempt.py" suffix(,)
0};
static const unsigned char file_checker_quick_py[] = {
#embed "../PythonRuntime/Agent/checker/quick.py" suffix(,)
0};
static const unsigned char file_checker_reading_py[] = {
#embed "../PythonRuntime/Agent/checker/reading.py" suffix(,)
0};
static const unsigned char file_checker_registrations_py[] = {
#embed "../PythonRuntime/Agent/checker/registrations.py" suffix(,)
0};
static const unsigned char file_checker_requests_py[] = {
#embed "../PythonRuntime/Agent/checker/requests.py" suffix(,)
0};
static const unsigned char file_checker_splice_py[] = {
#embed "../PythonRuntime/Agent/checker/splice.py" suffix(,)
0};
static const unsigned char file_checker_spoken_py[] = {
#embed "../PythonRuntime/Agent/checker/spoken.py" suffix(,)
0};
static const unsigned char file_checker_spread_py[] = {
#embed "../PythonRuntime/Agent/checker/spread.py" suffix(,)
0};
static const unsigned char file_checker_statements_py[] = {
#embed "../PythonRuntime/Agent/checker/statements.py" suffix(,)
0};
static const unsigned char file_checker_stores_py[] = {
#embed "../PythonRuntime/Agent/checker/stores.py" suffix(,)
0};
static const unsigned char file_checker_submodules_py[] = {
#embed "../PythonRuntime/Agent/checker/submodules.py" suffix(,)
0};
static const unsigned char file_checker_texts_py[] = {
#embed "../PythonRuntime/Agent/checker/texts.py" suffix(,)
0};
static const unsigned char file_checker_traces_py[] = {
#embed "../PythonRuntime/Agent/checker/traces.py" suffix(,)
0};
static const unsigned char file_checker_traits_py[] = {
#embed "../PythonRuntime/Agent/checker/traits.py" suffix(,)
0};
static const unsigned char file_checker_units_py[] = {
#embed "../PythonRuntime/Agent/checker/units.py" suffix(,)
0};

static const struct EmbeddedFile files[] = {
    {"_afresh/__init__.py", file__afresh___init___py, sizeof file__afresh___init___py - 1},
    {"_afresh/apply.py", file__afresh_apply_py, sizeof file__afresh_apply_py - 1},
    {"_afresh/bytecode.py", file__afresh_bytecode_py, sizeof file__afresh_bytecode_py - 1},
    {"_afresh/delivery.py", file__afresh_delivery_py, sizeof file__afresh_delivery_py - 1},
    {"_afresh/derived.py", file__afresh_derived_py, sizeof file__afresh_derived_py - 1},
    {"_afresh/exact.py", file__afresh_exact_py, sizeof file__afresh_exact_py - 1},
    {"_afresh/execution.py", file__afresh_execution_py, sizeof file__afresh_execution_py - 1},
    {"_afresh/failure.py", file__afresh_failure_py, sizeof file__afresh_failure_py - 1},
    {"_afresh/hooks.py", file__afresh_hooks_py, sizeof file__afresh_hooks_py - 1},
    {"_afresh/imports.py", file__afresh_imports_py, sizeof file__afresh_imports_py - 1},
    {"_afresh/late.py", file__afresh_late_py, sizeof file__afresh_late_py - 1},
    {"_afresh/leftover_uses.py", file__afresh_leftover_uses_py, sizeof file__afresh_leftover_uses_py - 1},
    {"_afresh/mend.py", file__afresh_mend_py, sizeof file__afresh_mend_py - 1},
    {"_afresh/mend_holders.py", file__afresh_mend_holders_py, sizeof file__afresh_mend_holders_py - 1},
    {"_afresh/modules.py", file__afresh_modules_py, sizeof file__afresh_modules_py - 1},
    {"_afresh/notices.py", file__afresh_notices_py, sizeof file__afresh_notices_py - 1},
    {"_afresh/outside.py", file__afresh_outside_py, sizeof file__afresh_outside_py - 1},
    {"_afresh/outstanding.py", file__afresh_outstanding_py, sizeof file__afresh_outstanding_py - 1},
    {"_afresh/patch.py", file__afresh_patch_py, sizeof file__afresh_patch_py - 1},
    {"_afresh/patch_began.py", file__afresh_patch_began_py, sizeof file__afresh_patch_began_py - 1},
    {"_afresh/patch_bodies.py", file__afresh_patch_bodies_py, sizeof file__afresh_patch_bodies_py - 1},
    {"_afresh/patch_branches.py", file__afresh_patch_branches_py, sizeof file__afresh_patch_branches_py - 1},
    {"_afresh/patch_caches.py", file__afresh_patch_caches_py, sizeof file__afresh_patch_caches_py - 1},
    {"_afresh/patch_callbacks.py", file__afresh_patch_callbacks_py, sizeof file__afresh_patch_callbacks_py - 1},
    {"_afresh/patch_called.py", file__afresh_patch_called_py, sizeof file__afresh_patch_called_py - 1},
    {"_afresh/patch_calls.py", file__afresh_patch_calls_py, sizeof file__afresh_patch_calls_py - 1},
    {"_afresh/patch_classes.py", file__afresh_patch_classes_py, sizeof file__afresh_patch_classes_py - 1},
    {"_afresh/patch_code.py", file__afresh_patch_code_py, sizeof file__afresh_patch_code_py - 1},
    {"_afresh/patch_constants.py", file__afresh_patch_constants_py, sizeof file__afresh_patch_constants_py - 1},
    {"_afresh/patch_contents.py", file__afresh_patch_contents_py, sizeof file__afresh_patch_contents_py - 1},
    {"_afresh/patch_enums.py", file__afresh_patch_enums_py, sizeof file__afresh_patch_enums_py - 1},
    {"_afresh/patch_execution.py", file__afresh_patch_execution_py, sizeof file__afresh_patch_execution_py - 1},
    {"_afresh/patch_frames.py", file__afresh_patch_frames_py, sizeof file__afresh_patch_frames_py - 1},
    {"_afresh/patch_functions.py", file__afresh_patch_functions_py, sizeof file__afresh_patch_functions_py - 1},
    {"_afresh/patch_hints.py", file__afresh_patch_hints_py, sizeof file__afresh_patch_hints_py - 1},
    {"_afresh/patch_identity.py", file__afresh_patch_identity_py, sizeof file__afresh_patch_identity_py - 1},
    {"_afresh/patch_import_statements.py", file__afresh_patch_import_statements_py, sizeof file__afresh_patch_import_statements_py - 1},
    {"_afresh/patch_inherited.py", file__afresh_patch_inherited_py, sizeof file__afresh_patch_inherited_py - 1},
    {"_afresh/patch_instances.py", file__afresh_patch_instances_py, sizeof file__afresh_patch_instances_py - 1},
    {"_afresh/patch_kept.py", file__afresh_patch_kept_py, sizeof file__afresh_patch_kept_py - 1},
    {"_afresh/patch_later.py", file__afresh_patch_later_py, sizeof file__afresh_patch_later_py - 1},
    {"_afresh/patch_made.py", file__afresh_patch_made_py, sizeof file__afresh_patch_made_py - 1},
    {"_afresh/patch_memos.py", file__afresh_patch_memos_py, sizeof file__afresh_patch_memos_py - 1},
    {"_afresh/patch_merge.py", file__afresh_patch_merge_py, sizeof file__afresh_patch_merge_py - 1},
    {"_afresh/patch_models.py", file__afresh_patch_models_py, sizeof file__afresh_patch_models_py - 1},
    {"_afresh/patch_names.py", file__afresh_patch_names_py, sizeof file__afresh_patch_names_py - 1},
    {"_afresh/patch_private.py", file__afresh_patch_private_py, sizeof file__afresh_patch_private_py - 1},
    {"_afresh/patch_reached.py", file__afresh_patch_reached_py, sizeof file__afresh_patch_reached_py - 1},
    {"_afresh/patch_reads.py", file__afresh_patch_reads_py, sizeof file__afresh_patch_reads_py - 1},
    {"_afresh/patch_reasons.py", file__afresh_patch_reasons_py, sizeof file__afresh_patch_reasons_py - 1},
    {"_afresh/patch_receivers.py", file__afresh_patch_receivers_py, sizeof file__afresh_patch_receivers_py - 1},
    {"_afresh/patch_redirection.py", file__afresh_patch_redirection_py, sizeof file__afresh_patch_redirection_py - 1},
    {"_afresh/patch_refused.py", file__afresh_patch_refused_py, sizeof file__afresh_patch_refused_py - 1},
    {"_afresh/patch_registrations.py", file__afresh_patch_registrations_py, sizeof file__afresh_patch_registrations_py - 1},
    {"_afresh/patch_repeats.py", file__afresh_patch_repeats_py, sizeof file__afresh_patch_repeats_py - 1},
    {"_afresh/patch_results.py", file__afresh_patch_results_py, sizeof file__afresh_patch_results_py - 1},
    {"_afresh/patch_session.py", file__afresh_patch_session_py, sizeof file__afresh_patch_session_py - 1},
    {"_afresh/patch_splice.py", file__afresh_patch_splice_py, sizeof file__afresh_patch_splice_py - 1},
    {"_afresh/patch_spoken.py", file__afresh_patch_spoken_py, sizeof file__afresh_patch_spoken_py - 1},
    {"_afresh/patch_stars.py", file__afresh_patch_stars_py, sizeof file__afresh_patch_stars_py - 1},
    {"_afresh/patch_submodules.py", file__afresh_patch_submodules_py, sizeof file__afresh_patch_submodules_py - 1},
    {"_afresh/patch_traces.py", file__afresh_patch_traces_py, sizeof file__afresh_patch_traces_py - 1},
    {"_afresh/patch_undone.py", file__afresh_patch_undone_py, sizeof file__afresh_patch_undone_py - 1},
    {"_afresh/patch_values.py", file__afresh_patch_values_py, sizeof file__afresh_patch_values_py - 1},
    {"_afresh/patch_withheld.py", file__afresh_patch_withheld_py, sizeof file__afresh_patch_withheld_py - 1},
    {"_afresh/patch_wrappers.py", file__afresh_patch_wrappers_py, sizeof file__afresh_patch_wrappers_py - 1},
    {"_afresh/quiet.py", file__afresh_quiet_py, sizeof file__afresh_quiet_py - 1},
    {"_afresh/remains.py", file__afresh_remains_py, sizeof file__afresh_remains_py - 1},
    {"_afresh/restart.py", file__afresh_restart_py, sizeof file__afresh_restart_py - 1},
    {"_afresh/rewriting.py", file__afresh_rewriting_py, sizeof file__afresh_rewriting_py - 1},
    {"_afresh/server.py", file__afresh_server_py, sizeof file__afresh_server_py - 1},
    {"_afresh/stale.py", file__afresh_stale_py, sizeof file__afresh_stale_py - 1},
    {"_afresh/stale_anchors.py", file__afresh_stale_anchors_py, sizeof file__afresh_stale_anchors_py - 1},
    {"_afresh/stale_balance.py", file__afresh_stale_balance_py, sizeof file__afresh_stale_balance_py - 1},
    {"_afresh/stale_fork.py", file__afresh_stale_fork_py, sizeof file__afresh_stale_fork_py - 1},
    {"_afresh/stale_found.py", file__afresh_stale_found_py, sizeof file__afresh_stale_found_py - 1},
    {"_afresh/stale_frames.py", file__afresh_stale_frames_py, sizeof file__afresh_stale_frames_py - 1},
    {"_afresh/stale_heap.py", file__afresh_stale_heap_py, sizeof file__afresh_stale_heap_py - 1},
    {"_afresh/stale_host.py", file__afresh_stale_host_py, sizeof file__afresh_stale_host_py - 1},
    {"_afresh/stale_imports.py", file__afresh_stale_imports_py, sizeof file__afresh_stale_imports_py - 1},
    {"_afresh/stale_kept.py", file__afresh_stale_kept_py, sizeof file__afresh_stale_kept_py - 1},
    {"_afresh/stale_ledger.py", file__afresh_stale_ledger_py, sizeof file__afresh_stale_ledger_py - 1},
    {"_afresh/stale_lines.py", file__afresh_stale_lines_py, sizeof file__afresh_stale_lines_py - 1},
    {"_afresh/stale_memory.py", file__afresh_stale_memory_py, sizeof file__afresh_stale_memory_py - 1},
    {"_afresh/stale_names.py", file__afresh_stale_names_py, sizeof file__afresh_stale_names_py - 1},
    {"_afresh/stale_objects.py", file__afresh_stale_objects_py, sizeof file__afresh_stale_objects_py - 1},
    {"_afresh/stale_paths.py", file__afresh_stale_paths_py, sizeof file__afresh_stale_paths_py - 1},
    {"_afresh/stale_report.py", file__afresh_stale_report_py, sizeof file__afresh_stale_report_py - 1},
    {"_afresh/stale_roots.py", file__afresh_stale_roots_py, sizeof file__afresh_stale_roots_py - 1},
    {"_afresh/stale_walk.py", file__afresh_stale_walk_py, sizeof file__afresh_stale_walk_py - 1},
    {"_afresh/start_names.py", file__afresh_start_names_py, sizeof file__afresh_start_names_py - 1},
    {"_afresh/transaction.py", file__afresh_transaction_py, sizeof file__afresh_transaction_py - 1},
    {"_afresh/typed.py", file__afresh_typed_py, sizeof file__afresh_typed_py - 1},
    {"_afresh/values.py", file__afresh_values_py, sizeof file__afresh_values_py - 1},
    {"_afresh/wire.py", file__afresh_wire_py, sizeof file__afresh_wire_py - 1},
    {"_afresh/writing.py", file__afresh_writing_py, sizeof file__afresh_writing_py - 1},
    {"boot/attach.py", file_boot_attach_py, sizeof file_boot_attach_py - 1},
    {"boot/notlive.py", file_boot_notlive_py, sizeof file_boot_notlive_py - 1},
    {"boot/sitecustomize.py", file_boot_sitecustomize_py, sizeof file_boot_sitecustomize_py - 1},
    {"checker/__main__.py", file_checker___main___py, sizeof file_checker___main___py - 1},
    {"checker/alignment.py", file_checker_alignment_py, sizeof file_checker_alignment_py - 1},
    {"checker/bodies.py", file_checker_bodies_py, sizeof file_checker_bodies_py - 1},
    {"checker/branches.py", file_checker_branches_py, sizeof file_checker_branches_py - 1},
    {"checker/callbacks.py", file_checker_callbacks_py, sizeof file_checker_callbacks_py - 1},
    {"checker/changes.py", file_checker_changes_py, sizeof file_checker_changes_py - 1},
    {"checker/closures.py", file_checker_closures_py, sizeof file_checker_closures_py - 1},
    {"checker/codetree.py", file_checker_codetree_py, sizeof file_checker_codetree_py - 1},
    {"checker/comparison.py", file_checker_comparison_py, sizeof file_checker_comparison_py - 1},
    {"checker/compilation.py", file_checker_compilation_py, sizeof file_checker_compilation_py - 1},
    {"checker/constants.py", file_checker_constants_py, sizeof file_checker_constants_py - 1},
    {"checker/edits.py", file_checker_edits_py, sizeof file_checker_edits_py - 1},
    {"checker/effects.py", file_checker_effects_py, sizeof file_checker_effects_py - 1},
    {"checker/exact.py", file_checker_exact_py, sizeof file_checker_exact_py - 1},
    {"checker/filled.py", file_checker_filled_py, sizeof file_checker_filled_py - 1},
    {"checker/fillings.py", file_checker_fillings_py, sizeof file_checker_fillings_py - 1},
    {"checker/handing.py", file_checker_handing_py, sizeof file_checker_handing_py - 1},
    {"checker/hints.py", file_checker_hints_py, sizeof file_checker_hints_py - 1},
    {"checker/inspection.py", file_checker_inspection_py, sizeof file_checker_inspection_py - 1},
    {"checker/kept.py", file_checker_kept_py, sizeof file_checker_kept_py - 1},
    {"checker/listing.py", file_checker_listing_py, sizeof file_checker_listing_py - 1},
    {"checker/makers.py", file_checker_makers_py, sizeof file_checker_makers_py - 1},
    {"checker/moves.py", file_checker_moves_py, sizeof file_checker_moves_py - 1},
    {"checker/names.py", file_checker_names_py, sizeof file_checker_names_py - 1},
    {"checker/order.py", file_checker_order_py, sizeof file_checker_order_py - 1},
    {"checker/outside.py", file_checker_outside_py, sizeof file_checker_outside_py - 1},
    {"checker/params.py", file_checker_params_py, sizeof file_checker_params_py - 1},
    {"checker/payloads.py", file_checker_payloads_py, sizeof file_checker_payloads_py - 1},
    {"checker/planning.py", file_checker_planning_py, sizeof file_checker_planning_py - 1},
    {"checker/preempt.py", file_checker_preempt_py, sizeof file_checker_preempt_py - 1},
    {"checker/quick.py", file_checker_quick_py, sizeof file_checker_quick_py - 1},
    {"checker/reading.py", file_checker_reading_py, sizeof file_checker_reading_py - 1},
    {"checker/registrations.py", file_checker_registrations_py, sizeof file_checker_registrations_py - 1},
    {"checker/requests.py", file_checker_requests_py, sizeof file_checker_requests_py - 1},
    {"checker/splice.py", file_checker_splice_py, sizeof file_checker_splice_py - 1},
    {"checker/spoken.py", file_checker_spoken_py, sizeof file_checker_spoken_py - 1},
    {"checker/spread.py", file_checker_spread_py, sizeof file_checker_spread_py - 1},
    {"checker/statements.py", file_checker_statements_py, sizeof file_checker_statements_py - 1},
    {"checker/stores.py", file_checker_stores_py, sizeof file_checker_stores_py - 1},
    {"checker/submodules.py", file_checker_submodules_py, sizeof file_checker_submodules_py - 1},
    {"checker/texts.py", file_checker_texts_py, sizeof file_checker_texts_py - 1},
    {"checker/traces.py", file_checker_traces_py, sizeof file_checker_traces_py - 1},
    {"checker/traits.py", file_checker_traits_py, sizeof file_checker_traits_py - 1},
    {"checker/units.py", file_checker_units_py, sizeof file_checker_units_py - 1},
    {NULL, NULL, 0},
};

const struct EmbeddedFile *agentFiles(void) {
    return files;
}

// Written by Sources/Embedding/update.py; a test compares the list with the folder.
#include "AgentFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file0[] = {
#embed "../PythonRuntime/Agent/_afresh/__init__.py" suffix(,)
0};
static const unsigned char file1[] = {
#embed "../PythonRuntime/Agent/_afresh/apply.py" suffix(,)
0};
static const unsigned char file2[] = {
#embed "../PythonRuntime/Agent/_afresh/bytecode.py" suffix(,)
0};
static const unsigned char file3[] = {
#embed "../PythonRuntime/Agent/_afresh/delivery.py" suffix(,)
0};
static const unsigned char file4[] = {
#embed "../PythonRuntime/Agent/_afresh/derived.py" suffix(,)
0};
static const unsigned char file5[] = {
#embed "../PythonRuntime/Agent/_afresh/exact.py" suffix(,)
0};
static const unsigned char file6[] = {
#embed "../PythonRuntime/Agent/_afresh/execution.py" suffix(,)
0};
static const unsigned char file7[] = {
#embed "../PythonRuntime/Agent/_afresh/failure.py" suffix(,)
0};
static const unsigned char file8[] = {
#embed "../PythonRuntime/Agent/_afresh/hooks.py" suffix(,)
0};
static const unsigned char file9[] = {
#embed "../PythonRuntime/Agent/_afresh/imports.py" suffix(,)
0};
static const unsigned char file10[] = {
#embed "../PythonRuntime/Agent/_afresh/late.py" suffix(,)
0};
static const unsigned char file11[] = {
#embed "../PythonRuntime/Agent/_afresh/leftover_uses.py" suffix(,)
0};
static const unsigned char file12[] = {
#embed "../PythonRuntime/Agent/_afresh/mend.py" suffix(,)
0};
static const unsigned char file13[] = {
#embed "../PythonRuntime/Agent/_afresh/mend_holders.py" suffix(,)
0};
static const unsigned char file14[] = {
#embed "../PythonRuntime/Agent/_afresh/modules.py" suffix(,)
0};
static const unsigned char file15[] = {
#embed "../PythonRuntime/Agent/_afresh/notices.py" suffix(,)
0};
static const unsigned char file16[] = {
#embed "../PythonRuntime/Agent/_afresh/outstanding.py" suffix(,)
0};
static const unsigned char file17[] = {
#embed "../PythonRuntime/Agent/_afresh/patch.py" suffix(,)
0};
static const unsigned char file18[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_bodies.py" suffix(,)
0};
static const unsigned char file19[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_branches.py" suffix(,)
0};
static const unsigned char file20[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_caches.py" suffix(,)
0};
static const unsigned char file21[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_callbacks.py" suffix(,)
0};
static const unsigned char file22[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_calls.py" suffix(,)
0};
static const unsigned char file23[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_classes.py" suffix(,)
0};
static const unsigned char file24[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_code.py" suffix(,)
0};
static const unsigned char file25[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_contents.py" suffix(,)
0};
static const unsigned char file26[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_enums.py" suffix(,)
0};
static const unsigned char file27[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_execution.py" suffix(,)
0};
static const unsigned char file28[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_frames.py" suffix(,)
0};
static const unsigned char file29[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_functions.py" suffix(,)
0};
static const unsigned char file30[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_identity.py" suffix(,)
0};
static const unsigned char file31[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_import_statements.py" suffix(,)
0};
static const unsigned char file32[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_instances.py" suffix(,)
0};
static const unsigned char file33[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_merge.py" suffix(,)
0};
static const unsigned char file34[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_models.py" suffix(,)
0};
static const unsigned char file35[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_names.py" suffix(,)
0};
static const unsigned char file36[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_private.py" suffix(,)
0};
static const unsigned char file37[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_reads.py" suffix(,)
0};
static const unsigned char file38[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_redirection.py" suffix(,)
0};
static const unsigned char file39[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_registrations.py" suffix(,)
0};
static const unsigned char file40[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_repeats.py" suffix(,)
0};
static const unsigned char file41[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_session.py" suffix(,)
0};
static const unsigned char file42[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_submodules.py" suffix(,)
0};
static const unsigned char file43[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_undone.py" suffix(,)
0};
static const unsigned char file44[] = {
#embed "../PythonRuntime/Agent/_afresh/patch_values.py" suffix(,)
0};
static const unsigned char file45[] = {
#embed "../PythonRuntime/Agent/_afresh/quiet.py" suffix(,)
0};
static const unsigned char file46[] = {
#embed "../PythonRuntime/Agent/_afresh/remains.py" suffix(,)
0};
static const unsigned char file47[] = {
#embed "../PythonRuntime/Agent/_afresh/restart.py" suffix(,)
0};
static const unsigned char file48[] = {
#embed "../PythonRuntime/Agent/_afresh/rewriting.py" suffix(,)
0};
static const unsigned char file49[] = {
#embed "../PythonRuntime/Agent/_afresh/server.py" suffix(,)
0};
static const unsigned char file50[] = {
#embed "../PythonRuntime/Agent/_afresh/stale.py" suffix(,)
0};
static const unsigned char file51[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_anchors.py" suffix(,)
0};
static const unsigned char file52[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_balance.py" suffix(,)
0};
static const unsigned char file53[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_fork.py" suffix(,)
0};
static const unsigned char file54[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_found.py" suffix(,)
0};
static const unsigned char file55[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_frames.py" suffix(,)
0};
static const unsigned char file56[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_heap.py" suffix(,)
0};
static const unsigned char file57[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_host.py" suffix(,)
0};
static const unsigned char file58[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_imports.py" suffix(,)
0};
static const unsigned char file59[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_kept.py" suffix(,)
0};
static const unsigned char file60[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_ledger.py" suffix(,)
0};
static const unsigned char file61[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_lines.py" suffix(,)
0};
static const unsigned char file62[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_memory.py" suffix(,)
0};
static const unsigned char file63[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_names.py" suffix(,)
0};
static const unsigned char file64[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_objects.py" suffix(,)
0};
static const unsigned char file65[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_paths.py" suffix(,)
0};
static const unsigned char file66[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_report.py" suffix(,)
0};
static const unsigned char file67[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_roots.py" suffix(,)
0};
static const unsigned char file68[] = {
#embed "../PythonRuntime/Agent/_afresh/stale_walk.py" suffix(,)
0};
static const unsigned char file69[] = {
#embed "../PythonRuntime/Agent/_afresh/transaction.py" suffix(,)
0};
static const unsigned char file70[] = {
#embed "../PythonRuntime/Agent/_afresh/typed.py" suffix(,)
0};
static const unsigned char file71[] = {
#embed "../PythonRuntime/Agent/_afresh/values.py" suffix(,)
0};
static const unsigned char file72[] = {
#embed "../PythonRuntime/Agent/_afresh/wire.py" suffix(,)
0};
static const unsigned char file73[] = {
#embed "../PythonRuntime/Agent/_afresh/writing.py" suffix(,)
0};
static const unsigned char file74[] = {
#embed "../PythonRuntime/Agent/boot/attach.py" suffix(,)
0};
static const unsigned char file75[] = {
#embed "../PythonRuntime/Agent/boot/notlive.py" suffix(,)
0};
static const unsigned char file76[] = {
#embed "../PythonRuntime/Agent/boot/sitecustomize.py" suffix(,)
0};
static const unsigned char file77[] = {
#embed "../PythonRuntime/Agent/checker/__main__.py" suffix(,)
0};
static const unsigned char file78[] = {
#embed "../PythonRuntime/Agent/checker/alignment.py" suffix(,)
0};
static const unsigned char file79[] = {
#embed "../PythonRuntime/Agent/checker/branches.py" suffix(,)
0};
static const unsigned char file80[] = {
#embed "../PythonRuntime/Agent/checker/callbacks.py" suffix(,)
0};
static const unsigned char file81[] = {
#embed "../PythonRuntime/Agent/checker/changes.py" suffix(,)
0};
static const unsigned char file82[] = {
#embed "../PythonRuntime/Agent/checker/closures.py" suffix(,)
0};
static const unsigned char file83[] = {
#embed "../PythonRuntime/Agent/checker/codetree.py" suffix(,)
0};
static const unsigned char file84[] = {
#embed "../PythonRuntime/Agent/checker/comparison.py" suffix(,)
0};
static const unsigned char file85[] = {
#embed "../PythonRuntime/Agent/checker/compilation.py" suffix(,)
0};
static const unsigned char file86[] = {
#embed "../PythonRuntime/Agent/checker/edits.py" suffix(,)
0};
static const unsigned char file87[] = {
#embed "../PythonRuntime/Agent/checker/effects.py" suffix(,)
0};
static const unsigned char file88[] = {
#embed "../PythonRuntime/Agent/checker/exact.py" suffix(,)
0};
static const unsigned char file89[] = {
#embed "../PythonRuntime/Agent/checker/fillings.py" suffix(,)
0};
static const unsigned char file90[] = {
#embed "../PythonRuntime/Agent/checker/hints.py" suffix(,)
0};
static const unsigned char file91[] = {
#embed "../PythonRuntime/Agent/checker/inspection.py" suffix(,)
0};
static const unsigned char file92[] = {
#embed "../PythonRuntime/Agent/checker/makers.py" suffix(,)
0};
static const unsigned char file93[] = {
#embed "../PythonRuntime/Agent/checker/moves.py" suffix(,)
0};
static const unsigned char file94[] = {
#embed "../PythonRuntime/Agent/checker/order.py" suffix(,)
0};
static const unsigned char file95[] = {
#embed "../PythonRuntime/Agent/checker/params.py" suffix(,)
0};
static const unsigned char file96[] = {
#embed "../PythonRuntime/Agent/checker/payloads.py" suffix(,)
0};
static const unsigned char file97[] = {
#embed "../PythonRuntime/Agent/checker/planning.py" suffix(,)
0};
static const unsigned char file98[] = {
#embed "../PythonRuntime/Agent/checker/preempt.py" suffix(,)
0};
static const unsigned char file99[] = {
#embed "../PythonRuntime/Agent/checker/quick.py" suffix(,)
0};
static const unsigned char file100[] = {
#embed "../PythonRuntime/Agent/checker/reading.py" suffix(,)
0};
static const unsigned char file101[] = {
#embed "../PythonRuntime/Agent/checker/registrations.py" suffix(,)
0};
static const unsigned char file102[] = {
#embed "../PythonRuntime/Agent/checker/requests.py" suffix(,)
0};
static const unsigned char file103[] = {
#embed "../PythonRuntime/Agent/checker/splice.py" suffix(,)
0};
static const unsigned char file104[] = {
#embed "../PythonRuntime/Agent/checker/spoken.py" suffix(,)
0};
static const unsigned char file105[] = {
#embed "../PythonRuntime/Agent/checker/spread.py" suffix(,)
0};
static const unsigned char file106[] = {
#embed "../PythonRuntime/Agent/checker/statements.py" suffix(,)
0};
static const unsigned char file107[] = {
#embed "../PythonRuntime/Agent/checker/submodules.py" suffix(,)
0};
static const unsigned char file108[] = {
#embed "../PythonRuntime/Agent/checker/texts.py" suffix(,)
0};
static const unsigned char file109[] = {
#embed "../PythonRuntime/Agent/checker/traits.py" suffix(,)
0};
static const unsigned char file110[] = {
#embed "../PythonRuntime/Agent/checker/units.py" suffix(,)
0};

static const struct EmbeddedFile files[] = {
    {"_afresh/__init__.py", file0, sizeof file0 - 1},
    {"_afresh/apply.py", file1, sizeof file1 - 1},
    {"_afresh/bytecode.py", file2, sizeof file2 - 1},
    {"_afresh/delivery.py", file3, sizeof file3 - 1},
    {"_afresh/derived.py", file4, sizeof file4 - 1},
    {"_afresh/exact.py", file5, sizeof file5 - 1},
    {"_afresh/execution.py", file6, sizeof file6 - 1},
    {"_afresh/failure.py", file7, sizeof file7 - 1},
    {"_afresh/hooks.py", file8, sizeof file8 - 1},
    {"_afresh/imports.py", file9, sizeof file9 - 1},
    {"_afresh/late.py", file10, sizeof file10 - 1},
    {"_afresh/leftover_uses.py", file11, sizeof file11 - 1},
    {"_afresh/mend.py", file12, sizeof file12 - 1},
    {"_afresh/mend_holders.py", file13, sizeof file13 - 1},
    {"_afresh/modules.py", file14, sizeof file14 - 1},
    {"_afresh/notices.py", file15, sizeof file15 - 1},
    {"_afresh/outstanding.py", file16, sizeof file16 - 1},
    {"_afresh/patch.py", file17, sizeof file17 - 1},
    {"_afresh/patch_bodies.py", file18, sizeof file18 - 1},
    {"_afresh/patch_branches.py", file19, sizeof file19 - 1},
    {"_afresh/patch_caches.py", file20, sizeof file20 - 1},
    {"_afresh/patch_callbacks.py", file21, sizeof file21 - 1},
    {"_afresh/patch_calls.py", file22, sizeof file22 - 1},
    {"_afresh/patch_classes.py", file23, sizeof file23 - 1},
    {"_afresh/patch_code.py", file24, sizeof file24 - 1},
    {"_afresh/patch_contents.py", file25, sizeof file25 - 1},
    {"_afresh/patch_enums.py", file26, sizeof file26 - 1},
    {"_afresh/patch_execution.py", file27, sizeof file27 - 1},
    {"_afresh/patch_frames.py", file28, sizeof file28 - 1},
    {"_afresh/patch_functions.py", file29, sizeof file29 - 1},
    {"_afresh/patch_identity.py", file30, sizeof file30 - 1},
    {"_afresh/patch_import_statements.py", file31, sizeof file31 - 1},
    {"_afresh/patch_instances.py", file32, sizeof file32 - 1},
    {"_afresh/patch_merge.py", file33, sizeof file33 - 1},
    {"_afresh/patch_models.py", file34, sizeof file34 - 1},
    {"_afresh/patch_names.py", file35, sizeof file35 - 1},
    {"_afresh/patch_private.py", file36, sizeof file36 - 1},
    {"_afresh/patch_reads.py", file37, sizeof file37 - 1},
    {"_afresh/patch_redirection.py", file38, sizeof file38 - 1},
    {"_afresh/patch_registrations.py", file39, sizeof file39 - 1},
    {"_afresh/patch_repeats.py", file40, sizeof file40 - 1},
    {"_afresh/patch_session.py", file41, sizeof file41 - 1},
    {"_afresh/patch_submodules.py", file42, sizeof file42 - 1},
    {"_afresh/patch_undone.py", file43, sizeof file43 - 1},
    {"_afresh/patch_values.py", file44, sizeof file44 - 1},
    {"_afresh/quiet.py", file45, sizeof file45 - 1},
    {"_afresh/remains.py", file46, sizeof file46 - 1},
    {"_afresh/restart.py", file47, sizeof file47 - 1},
    {"_afresh/rewriting.py", file48, sizeof file48 - 1},
    {"_afresh/server.py", file49, sizeof file49 - 1},
    {"_afresh/stale.py", file50, sizeof file50 - 1},
    {"_afresh/stale_anchors.py", file51, sizeof file51 - 1},
    {"_afresh/stale_balance.py", file52, sizeof file52 - 1},
    {"_afresh/stale_fork.py", file53, sizeof file53 - 1},
    {"_afresh/stale_found.py", file54, sizeof file54 - 1},
    {"_afresh/stale_frames.py", file55, sizeof file55 - 1},
    {"_afresh/stale_heap.py", file56, sizeof file56 - 1},
    {"_afresh/stale_host.py", file57, sizeof file57 - 1},
    {"_afresh/stale_imports.py", file58, sizeof file58 - 1},
    {"_afresh/stale_kept.py", file59, sizeof file59 - 1},
    {"_afresh/stale_ledger.py", file60, sizeof file60 - 1},
    {"_afresh/stale_lines.py", file61, sizeof file61 - 1},
    {"_afresh/stale_memory.py", file62, sizeof file62 - 1},
    {"_afresh/stale_names.py", file63, sizeof file63 - 1},
    {"_afresh/stale_objects.py", file64, sizeof file64 - 1},
    {"_afresh/stale_paths.py", file65, sizeof file65 - 1},
    {"_afresh/stale_report.py", file66, sizeof file66 - 1},
    {"_afresh/stale_roots.py", file67, sizeof file67 - 1},
    {"_afresh/stale_walk.py", file68, sizeof file68 - 1},
    {"_afresh/transaction.py", file69, sizeof file69 - 1},
    {"_afresh/typed.py", file70, sizeof file70 - 1},
    {"_afresh/values.py", file71, sizeof file71 - 1},
    {"_afresh/wire.py", file72, sizeof file72 - 1},
    {"_afresh/writing.py", file73, sizeof file73 - 1},
    {"boot/attach.py", file74, sizeof file74 - 1},
    {"boot/notlive.py", file75, sizeof file75 - 1},
    {"boot/sitecustomize.py", file76, sizeof file76 - 1},
    {"checker/__main__.py", file77, sizeof file77 - 1},
    {"checker/alignment.py", file78, sizeof file78 - 1},
    {"checker/branches.py", file79, sizeof file79 - 1},
    {"checker/callbacks.py", file80, sizeof file80 - 1},
    {"checker/changes.py", file81, sizeof file81 - 1},
    {"checker/closures.py", file82, sizeof file82 - 1},
    {"checker/codetree.py", file83, sizeof file83 - 1},
    {"checker/comparison.py", file84, sizeof file84 - 1},
    {"checker/compilation.py", file85, sizeof file85 - 1},
    {"checker/edits.py", file86, sizeof file86 - 1},
    {"checker/effects.py", file87, sizeof file87 - 1},
    {"checker/exact.py", file88, sizeof file88 - 1},
    {"checker/fillings.py", file89, sizeof file89 - 1},
    {"checker/hints.py", file90, sizeof file90 - 1},
    {"checker/inspection.py", file91, sizeof file91 - 1},
    {"checker/makers.py", file92, sizeof file92 - 1},
    {"checker/moves.py", file93, sizeof file93 - 1},
    {"checker/order.py", file94, sizeof file94 - 1},
    {"checker/params.py", file95, sizeof file95 - 1},
    {"checker/payloads.py", file96, sizeof file96 - 1},
    {"checker/planning.py", file97, sizeof file97 - 1},
    {"checker/preempt.py", file98, sizeof file98 - 1},
    {"checker/quick.py", file99, sizeof file99 - 1},
    {"checker/reading.py", file100, sizeof file100 - 1},
    {"checker/registrations.py", file101, sizeof file101 - 1},
    {"checker/requests.py", file102, sizeof file102 - 1},
    {"checker/splice.py", file103, sizeof file103 - 1},
    {"checker/spoken.py", file104, sizeof file104 - 1},
    {"checker/spread.py", file105, sizeof file105 - 1},
    {"checker/statements.py", file106, sizeof file106 - 1},
    {"checker/submodules.py", file107, sizeof file107 - 1},
    {"checker/texts.py", file108, sizeof file108 - 1},
    {"checker/traits.py", file109, sizeof file109 - 1},
    {"checker/units.py", file110, sizeof file110 - 1},
    {NULL, NULL, 0},
};

const struct EmbeddedFile *agentFiles(void) {
    return files;
}

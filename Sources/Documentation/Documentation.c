// Written by Sources/Embedding/update.py; a test compares the list with the folder.
#include "Documentation.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file_behind_md[] = {
#embed "../Documentation/pages/behind.md" suffix(,)
0};
static const unsigned char file_comparison_md[] = {
#embed "../Documentation/pages/comparison.md" suffix(,)
0};
static const unsigned char file_compile_error_md[] = {
#embed "../Documentation/pages/compile-error.md" suffix(,)
0};
static const unsigned char file_compile_warning_md[] = {
#embed "../Documentation/pages/compile-warning.md" suffix(,)
0};
static const unsigned char file_execution_error_md[] = {
#embed "../Documentation/pages/execution-error.md" suffix(,)
0};
static const unsigned char file_frameworks_md[] = {
#embed "../Documentation/pages/frameworks.md" suffix(,)
0};
static const unsigned char file_leftover_name_md[] = {
#embed "../Documentation/pages/leftover-name.md" suffix(,)
0};
static const unsigned char file_not_applied_md[] = {
#embed "../Documentation/pages/not-applied.md" suffix(,)
0};
static const unsigned char file_notebooks_md[] = {
#embed "../Documentation/pages/notebooks.md" suffix(,)
0};
static const unsigned char file_policies_md[] = {
#embed "../Documentation/pages/policies.md" suffix(,)
0};
static const unsigned char file_restart_md[] = {
#embed "../Documentation/pages/restart.md" suffix(,)
0};
static const unsigned char file_runs_again_md[] = {
#embed "../Documentation/pages/runs-again.md" suffix(,)
0};
static const unsigned char file_stale_binding_md[] = {
#embed "../Documentation/pages/stale-binding.md" suffix(,)
0};
static const unsigned char file_stale_closure_md[] = {
#embed "../Documentation/pages/stale-closure.md" suffix(,)
0};
static const unsigned char file_stale_frame_md[] = {
#embed "../Documentation/pages/stale-frame.md" suffix(,)
0};
static const unsigned char file_stale_instance_md[] = {
#embed "../Documentation/pages/stale-instance.md" suffix(,)
0};
static const unsigned char file_stale_method_md[] = {
#embed "../Documentation/pages/stale-method.md" suffix(,)
0};
static const unsigned char file_stale_registration_md[] = {
#embed "../Documentation/pages/stale-registration.md" suffix(,)
0};
static const unsigned char file_stale_subclass_md[] = {
#embed "../Documentation/pages/stale-subclass.md" suffix(,)
0};
static const unsigned char file_stale_value_md[] = {
#embed "../Documentation/pages/stale-value.md" suffix(,)
0};
static const unsigned char file_swift_plugins_md[] = {
#embed "../Documentation/pages/swift-plugins.md" suffix(,)
0};
static const unsigned char file_syntax_error_md[] = {
#embed "../Documentation/pages/syntax-error.md" suffix(,)
0};
static const unsigned char file_troubleshooting_md[] = {
#embed "../Documentation/pages/troubleshooting.md" suffix(,)
0};

static const struct EmbeddedFile files[] = {
    {"behind.md", file_behind_md, sizeof file_behind_md - 1},
    {"comparison.md", file_comparison_md, sizeof file_comparison_md - 1},
    {"compile-error.md", file_compile_error_md, sizeof file_compile_error_md - 1},
    {"compile-warning.md", file_compile_warning_md, sizeof file_compile_warning_md - 1},
    {"execution-error.md", file_execution_error_md, sizeof file_execution_error_md - 1},
    {"frameworks.md", file_frameworks_md, sizeof file_frameworks_md - 1},
    {"leftover-name.md", file_leftover_name_md, sizeof file_leftover_name_md - 1},
    {"not-applied.md", file_not_applied_md, sizeof file_not_applied_md - 1},
    {"notebooks.md", file_notebooks_md, sizeof file_notebooks_md - 1},
    {"policies.md", file_policies_md, sizeof file_policies_md - 1},
    {"restart.md", file_restart_md, sizeof file_restart_md - 1},
    {"runs-again.md", file_runs_again_md, sizeof file_runs_again_md - 1},
    {"stale-binding.md", file_stale_binding_md, sizeof file_stale_binding_md - 1},
    {"stale-closure.md", file_stale_closure_md, sizeof file_stale_closure_md - 1},
    {"stale-frame.md", file_stale_frame_md, sizeof file_stale_frame_md - 1},
    {"stale-instance.md", file_stale_instance_md, sizeof file_stale_instance_md - 1},
    {"stale-method.md", file_stale_method_md, sizeof file_stale_method_md - 1},
    {"stale-registration.md", file_stale_registration_md, sizeof file_stale_registration_md - 1},
    {"stale-subclass.md", file_stale_subclass_md, sizeof file_stale_subclass_md - 1},
    {"stale-value.md", file_stale_value_md, sizeof file_stale_value_md - 1},
    {"swift-plugins.md", file_swift_plugins_md, sizeof file_swift_plugins_md - 1},
    {"syntax-error.md", file_syntax_error_md, sizeof file_syntax_error_md - 1},
    {"troubleshooting.md", file_troubleshooting_md, sizeof file_troubleshooting_md - 1},
    {NULL, NULL, 0},
};

const struct EmbeddedFile *documentationPages(void) {
    return files;
}

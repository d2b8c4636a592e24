// RUN: moe-opt %s --moe-record-phase=phase=schedule | FileCheck %s
// RUN: moe-opt %s --moe-pipeline-distribute | FileCheck %s --check-prefix=PIPELINE

// CHECK: module attributes {rt.phase = "schedule"}
// PIPELINE: module attributes {rt.phase = "distribute"}
module attributes {rt.phase = "raise"} {
}

// Sums between a Cast to f32 and one back are sums in the narrower type.
// RUN: moe-opt %s --moe-narrow-sums | FileCheck %s
// RUN: sed -e 's/xf16/xbf16/g; s/to = 10/to = 16/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=WIDER
// WIDER: onnx.node "ai.onnx::ReduceSum"(%{{.*}}, %{{.*}}) {{.*}} : (tensor<?x2xbf16>, tensor<1xi64>) -> tensor<?x1xbf16>
// Another type than the elements had.
// RUN: sed -e '/"back"/s/f16>$/bf16>/; /"share"/s/tensor<?x1xf16>/tensor<?x1xbf16>/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=PLAIN
// RUN: sed -e '/"wide"/s/%%w)/%%other)/; /"wide"/s/tensor<?x2xf16>/tensor<?x2xbf16>/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=PLAIN
// Integers.
// RUN: sed -e '/"wide"/s/%%w)/%%count)/; /"wide"/s/tensor<?x2xf16>/tensor<?x2xi64>/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=PLAIN
// The sum is also read in f32.
// RUN: sed -e 's/return %%share, %%run : tensor<?x2xf16>, tensor<?x2xf16>/return %%share, %%sum : tensor<?x2xf16>, tensor<?x1xf32>/; s/-> (tensor<?x2xf16>, tensor<?x2xf16>)/-> (tensor<?x2xf16>, tensor<?x1xf32>)/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=PLAIN
// RUN: sed -e '/"back"/s/%%sum)/%%root)/; s/^    %%back/    %%root = onnx.node "ai.onnx::Sqrt"(%%sum) {name = "root", version = 20 : i64} : (tensor<?x1xf32>) -> tensor<?x1xf32>\n    %%back/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=PLAIN
// The elements were rounded on the way: they are those of another node.
// RUN: sed -e '/"wide"/s/%%w)/%%half)/; s/^    %%wide/    %%half = onnx.node "ai.onnx::Cast"(%%other) {name = "half", version = 20 : i64} : (tensor<?x2xbf16>) -> tensor<?x2xf16>\n    %%wide/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=ROUNDED
// ROUNDED: %[[HALF:.*]] = onnx.node "ai.onnx::Cast"({{.*}}name = "half"
// ROUNDED: onnx.node "ai.onnx::ReduceSum"(%[[HALF]],
// The mean of f32 is another node.
// RUN: sed -e '/"sum"/s/ReduceSum/ReduceMean/' %s | moe-opt --moe-narrow-sums | FileCheck %s --check-prefix=PLAIN

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[W:[a-z0-9]+]]: tensor<?x2xf16>
// CHECK-NOT: ai.onnx::Cast
// CHECK: %[[SUM:.*]] = onnx.node "ai.onnx::ReduceSum"(%[[W]], %{{.*}}) {name = "sum", {{.*}}keepdims = 1 {{.*}} : (tensor<?x2xf16>, tensor<1xi64>) -> tensor<?x1xf16>
// CHECK: %[[SHARE:.*]] = onnx.node "ai.onnx::Div"(%[[W]], %[[SUM]])
// CHECK: %[[COUNTED:.*]] = onnx.node "ai.onnx::CumSum"(%[[W]], %{{.*}}) {{.*}} -> tensor<?x2xf16>
// CHECK: return %[[SHARE]], %[[COUNTED]]

// PLAIN: %[[SUM:.*]] = onnx.node "ai.onnx::Reduce{{(Sum|Mean)}}"({{.*}}-> tensor<?x1xf32>
module {
  func.func @main(%t: index {rt.dim = "t"}, %w: tensor<?x2xf16> {rt.name = "w", rt.shape = ["t", 2]}, %other: tensor<?x2xbf16> {rt.name = "other", rt.shape = ["t", 2]},
                  %count: tensor<?x2xi64> {rt.name = "count", rt.shape = ["t", 2]}) -> (tensor<?x2xf16>, tensor<?x2xf16>) {
    %last = arith.constant dense<-1> : tensor<1xi64>
    %axis = arith.constant dense<1> : tensor<i64>
    %wide = onnx.node "ai.onnx::Cast"(%w) {name = "wide", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x2xf16>) -> tensor<?x2xf32>
    %sum = onnx.node "ai.onnx::ReduceSum"(%wide, %last) {name = "sum", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %back = onnx.node "ai.onnx::Cast"(%sum) {name = "back", node_attributes = {to = 10 : i64}, version = 20 : i64} : (tensor<?x1xf32>) -> tensor<?x1xf16>
    %share = onnx.node "ai.onnx::Div"(%w, %back) {name = "share", version = 20 : i64} : (tensor<?x2xf16>, tensor<?x1xf16>) -> tensor<?x2xf16>
    %terms = onnx.node "ai.onnx::Cast"(%w) {name = "terms", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x2xf16>) -> tensor<?x2xf32>
    %running = onnx.node "ai.onnx::CumSum"(%terms, %axis) {name = "running", version = 20 : i64} : (tensor<?x2xf32>, tensor<i64>) -> tensor<?x2xf32>
    %run = onnx.node "ai.onnx::Cast"(%running) {name = "run", node_attributes = {to = 10 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf16>
    return %share, %run : tensor<?x2xf16>, tensor<?x2xf16>
  }
}

// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-verify-sites | FileCheck %s

// Sites of an outlined layer are counted from the first one of the call, and its arguments are what the call passes.
// CHECK-LABEL: @main
// CHECK: call @layer_0
module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"},
    {buffers = array<i64: 1, 0>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 1 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    call @layer_0(%c0, %a, %b) : (index, memref<?x8xf32>, memref<?x8xf32>) -> ()
    call @layer_0(%c1, %b, %a) : (index, memref<?x8xf32>, memref<?x8xf32>) -> ()
    return
  }
  func.func private @layer_0(%first: index {rt.first_site}, %a: memref<?x8xf32>, %b: memref<?x8xf32>) {
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = -1 : i64, site = 0 : i64}
    return
  }
}

// -----

// The schedule verifier proves what is listed: other buffers than those of the program are refused.
module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 1, 0>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    // expected-error @below {{differs from entry 0 of rt.sites in 'buffers': array<i64: 0, 1> here, array<i64: 1, 0> there; run moe-number-sites again}}
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    return
  }
}

// -----

// The same behind outlining, where the buffers are arguments.
module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    %c0 = arith.constant 0 : index
    call @layer_0(%c0, %b, %a) : (index, memref<?x8xf32>, memref<?x8xf32>) -> ()
    return
  }
  func.func private @layer_0(%first: index {rt.first_site}, %a: memref<?x8xf32>, %b: memref<?x8xf32>) {
    // expected-error @below {{differs from entry 0 of rt.sites in 'buffers': array<i64: 1, 0> here, array<i64: 0, 1> there}}
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    return
  }
}

// -----

// Sites are performed once each, in order.
module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"},
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    // expected-error @below {{is performed as number 0 of the step, but has site 1 of the 2 in rt.sites}}
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 1 : i64}
    return
  }
}

// -----

// expected-error @below {{expects calls for the 2 entries of rt.sites, but @main performs 1}}
module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"},
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    return
  }
}

// -----

module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    7 : i64]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    // expected-error @below {{expects a dictionary as entry 0 of rt.sites, but got 7 : i64}}
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    return
  }
}

// -----

module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      // expected-error @below {{expects to stand in a function itself, not in a loop or a branch: its site is performed once a step}}
      rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
        {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    }
    return
  }
}

// -----

module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    // expected-error @below {{has the number 2, but rt.slots has 2 entries}}
    %b = rt.slot 2 [%n] : memref<?x8xf32>
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    return
  }
}

// -----

module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    // expected-error @below {{expects a constant of type index, at least 0, as the first site of @layer_0}}
    call @layer_0(%n, %a, %b) : (index, memref<?x8xf32>, memref<?x8xf32>) -> ()
    return
  }
  func.func private @layer_0(%first: index {rt.first_site}, %a: memref<?x8xf32>, %b: memref<?x8xf32>) {
    rt.collective "collective.all_gather_tokens" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 0 : i64}
    return
  }
}

// -----

module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    call @outer() : () -> ()
    return
  }
  func.func private @outer() {
    // expected-error @below {{expects to stand in @main; a function of steps calls no other}}
    call @inner() : () -> ()
    return
  }
  func.func private @inner() {
    return
  }
}

// -----

module attributes {rt.dims = ["n"], rt.slots = [{}, {}], rt.sites = [
    {buffers = array<i64: 0, 1>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "", op = "moe.all_gather"}]} {
  func.func @main() {
    %n = rt.dim 0 "n"
    %a = rt.slot 0 [%n] : memref<?x8xf32>
    %b = rt.slot 1 [%n] : memref<?x8xf32>
    return
  }
  // expected-error @below {{expects one block that ends in a return of nothing}}
  func.func private @value() -> index {
    %c0 = arith.constant 0 : index
    return %c0 : index
  }
}

// -----

// expected-error @below {{expects the list rt.sites; run moe-number-sites before}}
module {
  func.func @main() {
    return
  }
}

// -----

// expected-error @below {{expects a function @main without arguments; run moe-bind-environment before}}
module attributes {rt.sites = []} {
  func.func @main(%b: memref<?xf32>) {
    return
  }
}

// -----

module attributes {rt.sites = [{}]} {
  func.func @main() {
    %b = memref.alloc() : memref<4xf32>
    // expected-error @below {{expects buffers and a site; run one-shot-bufferize and moe-number-sites before}}
    rt.kernel "softmax_f32" ins(%b : memref<4xf32>) outs(%b : memref<4xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
    return
  }
}

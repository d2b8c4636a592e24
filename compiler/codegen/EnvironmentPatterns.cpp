#include "compiler/codegen/EnvironmentPatterns.h"

#include "compiler/codegen/ElementTypes.h"
#include "dialects/rt/RtDialect.h"
#include "runtime/base/import_table.h"

#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <cstddef>

using namespace mlir;

namespace switchyard::codegen {

namespace {

/// Loads and stores at byte offsets.
class Memory {
public:
  Memory(OpBuilder &builder, Location loc) : builder(builder), loc(loc), pointer(LLVM::LLVMPointerType::get(builder.getContext())) {}

  Value at(Value base, int64_t offset) {
    if (offset == 0)
      return base;
    // An index of the instruction itself has 32 bits.
    if (!llvm::isInt<32>(offset))
      return at(base, constant(builder.getI64Type(), offset));
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(static_cast<int32_t>(offset))});
  }
  Value at(Value base, Value offset) {
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), base, ArrayRef<LLVM::GEPArg>{offset});
  }
  Value load(Type type, Value base, int64_t offset) { return LLVM::LoadOp::create(builder, loc, type, at(base, offset)); }
  Value loadPointer(Value base, int64_t offset) { return load(pointer, base, offset); }
  void store(Value value, Value base, int64_t offset) { LLVM::StoreOp::create(builder, loc, value, at(base, offset)); }
  Value constant(Type type, int64_t value) { return LLVM::ConstantOp::create(builder, loc, type, builder.getIntegerAttr(type, value)); }

private:
  OpBuilder &builder;
  Location loc;
  LLVM::LLVMPointerType pointer;
};

/// The environment: the first argument of the function around `op`.
Value environmentOf(Operation *op) { return op->getParentOfType<FunctionOpInterface>().getFunctionBody().front().getArgument(0); }

/// An i32 field of the environment, as an index.
template <typename Op, size_t offset> struct LowerField : ConvertOpToLLVMPattern<Op> {
  using ConvertOpToLLVMPattern<Op>::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor, ConversionPatternRewriter &rewriter) const override {
    Value field = Memory(rewriter, op.getLoc()).load(rewriter.getI32Type(), environmentOf(op), offset);
    rewriter.replaceOpWithNewOp<LLVM::SExtOp>(op, this->getIndexType(), field);
    return success();
  }
};

struct LowerDim : ConvertOpToLLVMPattern<rt::DimOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(rt::DimOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    Memory memory(rewriter, op.getLoc());
    Value dims = memory.loadPointer(environmentOf(op), offsetof(MoeEnvironment, dims));
    rewriter.replaceOp(op, memory.load(getIndexType(), dims, op.getIndex() * sizeof(int64_t)));
    return success();
  }
};

struct LowerTokenShare : ConvertOpToLLVMPattern<rt::TokenShareOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(rt::TokenShareOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Memory memory(rewriter, loc);
    Type type = getIndexType();
    Value environment = environmentOf(op), tokens = adaptor.getTokens();
    Value rank = LLVM::SExtOp::create(rewriter, loc, type, memory.load(rewriter.getI32Type(), environment, offsetof(MoeEnvironment, rank)));
    Value ranks =
        LLVM::SExtOp::create(rewriter, loc, type, memory.load(rewriter.getI32Type(), environment, offsetof(MoeEnvironment, ranks)));
    // ceil(tokens / ranks); neither is negative.
    Value rounded = LLVM::SubOp::create(rewriter, loc, LLVM::AddOp::create(rewriter, loc, tokens, ranks), memory.constant(type, 1));
    Value share = LLVM::SDivOp::create(rewriter, loc, rounded, ranks);
    Value first = LLVM::SMinOp::create(rewriter, loc, tokens, LLVM::MulOp::create(rewriter, loc, rank, share));
    Value end = LLVM::SMinOp::create(rewriter, loc, tokens, LLVM::AddOp::create(rewriter, loc, first, share));
    rewriter.replaceOp(op, {first, LLVM::SubOp::create(rewriter, loc, end, first)});
    return success();
  }
};

/// Ops whose result is a contiguous buffer at an address that `address` finds.
template <typename Op> struct BufferPattern : ConvertOpToLLVMPattern<Op> {
  using ConvertOpToLLVMPattern<Op>::ConvertOpToLLVMPattern;
  virtual Value address(Op op, Value environment, Memory &memory) const = 0;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Memory memory(rewriter, op.getLoc());
    Value base = address(op, environmentOf(op), memory);
    SmallVector<Value> dynamic, sizes, strides;
    if constexpr (requires { adaptor.getSizes(); })
      llvm::append_range(dynamic, adaptor.getSizes());
    auto type = cast<MemRefType>(op.getType());
    Value total;
    this->getMemRefDescriptorSizes(op.getLoc(), type, dynamic, rewriter, sizes, strides, total, /*sizeInBytes=*/false);
    rewriter.replaceOp(op, {this->createMemRefDescriptor(op.getLoc(), type, base, base, sizes, strides, rewriter)});
    return success();
  }
};

struct LowerInput : BufferPattern<rt::InputOp> {
  using BufferPattern::BufferPattern;
  Value address(rt::InputOp op, Value environment, Memory &memory) const override {
    return memory.loadPointer(memory.loadPointer(environment, offsetof(MoeEnvironment, inputs)), op.getIndex() * sizeof(void *));
  }
};

struct LowerOutput : BufferPattern<rt::OutputOp> {
  using BufferPattern::BufferPattern;
  Value address(rt::OutputOp op, Value environment, Memory &memory) const override {
    return memory.loadPointer(memory.loadPointer(environment, offsetof(MoeEnvironment, outputs)), op.getIndex() * sizeof(void *));
  }
};

struct LowerSlot : BufferPattern<rt::SlotOp> {
  using BufferPattern::BufferPattern;
  Value address(rt::SlotOp op, Value environment, Memory &memory) const override {
    Value offsets = memory.loadPointer(environment, offsetof(MoeEnvironment, slots));
    Value offset = memory.load(getIndexType(), offsets, op.getIndex() * sizeof(int64_t));
    return memory.at(memory.loadPointer(environment, offsetof(MoeEnvironment, arena)), offset);
  }
};

struct LowerPlacement : BufferPattern<rt::PlacementOp> {
  using BufferPattern::BufferPattern;
  Value address(rt::PlacementOp op, Value environment, Memory &memory) const override {
    return memory.loadPointer(memory.loadPointer(environment, offsetof(MoeEnvironment, tables)), op.getLayer() * sizeof(void *));
  }
};

/// A weight's data; of a weight per expert, its table of addresses.
template <typename Op> struct LowerWeight : BufferPattern<Op> {
  LowerWeight(const LLVMTypeConverter &converter, const Environment &shared) : BufferPattern<Op>(converter), shared(shared) {}
  Value address(Op op, Value environment, Memory &memory) const override {
    int64_t place = shared.weights.lookup(op.getWeightAttr().getAttr());
    return memory.loadPointer(memory.loadPointer(environment, offsetof(MoeEnvironment, weights)), place * sizeof(void *));
  }
  const Environment &shared;
};

struct LowerInvoke : ConvertOpToLLVMPattern<rt::InvokeOp> {
  LowerInvoke(const LLVMTypeConverter &converter, const Environment &shared) : ConvertOpToLLVMPattern(converter), shared(shared) {}

  LogicalResult matchAndRewrite(rt::InvokeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Memory memory(rewriter, loc);
    CallRoom room = shared.rooms.lookup(op->getParentOfType<FunctionOpInterface>().getNameAttr());
    auto next = adaptor.getTensors().begin();
    auto type = op.getTensors().getTypes().begin();
    for (auto [position, present] : llvm::enumerate(op.getPresent())) {
      int64_t base = position * sizeof(MoeTensor);
      if (!present)
        storeAbsent(memory, rewriter, loc, memory.at(room.tensors, base));
      else if (failed(storeTensor(op, memory, rewriter, cast<MemRefType>(*type++), *next++, memory.at(room.tensors, base))))
        return failure();
    }
    for (auto [position, scalar] : llvm::enumerate(adaptor.getScalars()))
      memory.store(scalar, room.scalars, position * sizeof(int64_t));

    Value environment = environmentOf(op);
    Value self = memory.loadPointer(environment, offsetof(MoeEnvironment, self));
    Value invoke = memory.loadPointer(environment, offsetof(MoeEnvironment, invoke));
    Type i32 = rewriter.getI32Type(), pointer = room.tensors.getType();
    Value site = memory.constant(i32, op.getSite());
    if (adaptor.getFirst())
      site = LLVM::AddOp::create(rewriter, loc, site, LLVM::TruncOp::create(rewriter, loc, i32, adaptor.getFirst()));
    SmallVector<Value> operands{invoke,
                                self,
                                site,
                                room.tensors,
                                memory.constant(i32, op.getPresent().size()),
                                room.scalars,
                                memory.constant(i32, op.getScalars().size())};
    auto function = LLVM::LLVMFunctionType::get(i32, {pointer, i32, pointer, i32, pointer, i32});
    rewriter.replaceOpWithNewOp<LLVM::CallOp>(op, function, operands);
    return success();
  }

private:
  void storeAbsent(Memory &memory, OpBuilder &builder, Location loc, Value place) const {
    memory.store(LLVM::ZeroOp::create(builder, loc, place.getType()), place, offsetof(MoeTensor, data));
    memory.store(memory.constant(builder.getI32Type(), -1), place, offsetof(MoeTensor, rank));
  }

  LogicalResult storeTensor(rt::InvokeOp op, Memory &memory, OpBuilder &builder, MemRefType type, Value descriptor, Value place) const {
    std::optional<ElementType> element = elementTypeOf(type.getElementType());
    if (!element || type.getRank() > MOE_MAX_RANK)
      return op.emitOpError("cannot pass ") << type << " to the runtime: it takes numbers of up to 64 bits and bool, of rank up to "
                                            << MOE_MAX_RANK;
    MemRefDescriptor view(descriptor);
    Location loc = op.getLoc();
    memory.store(view.bufferPtr(builder, loc, *getTypeConverter(), type), place, offsetof(MoeTensor, data));
    memory.store(memory.constant(builder.getI32Type(), type.getRank()), place, offsetof(MoeTensor, rank));
    memory.store(memory.constant(builder.getI32Type(), static_cast<int32_t>(*element)), place, offsetof(MoeTensor, type));
    for (int64_t d = 0; d < type.getRank(); ++d) {
      memory.store(view.size(builder, loc, d), place, offsetof(MoeTensor, sizes) + d * sizeof(int64_t));
      memory.store(view.stride(builder, loc, d), place, offsetof(MoeTensor, strides) + d * sizeof(int64_t));
    }
    return success();
  }

  const Environment &shared;
};

}  // namespace

static CallRoom makeRoom(func::FuncOp function) {
  int64_t tensors = 1, scalars = 1;
  function.walk([&](rt::InvokeOp op) {
    tensors = std::max<int64_t>(tensors, op.getPresent().size());
    scalars = std::max<int64_t>(scalars, op.getScalars().size());
  });
  OpBuilder builder(function.getBody());
  auto room = [&](int64_t bytes) -> Value {
    Value count = LLVM::ConstantOp::create(builder, function.getLoc(), builder.getI64Type(), builder.getI64IntegerAttr(bytes));
    return LLVM::AllocaOp::create(builder, function.getLoc(), LLVM::LLVMPointerType::get(function.getContext()), builder.getI8Type(), count,
                                  /*alignment=*/16);
  };
  return {room(tensors * sizeof(MoeTensor)), room(scalars * sizeof(int64_t))};
}

Environment bindFunctions(ModuleOp module, func::FuncOp main) {
  Environment environment;
  for (auto weight : module.getOps<rt::WeightOp>())
    environment.weights.try_emplace(weight.getSymNameAttr(), environment.weights.size());
  main.setSymName("run");
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration() && succeeded(function.insertArgument(0, pointer, {}, function.getLoc())))
      environment.rooms[function.getSymNameAttr()] = makeRoom(function);
  module.walk([&](func::CallOp call) {
    if (environment.rooms.contains(call.getCalleeAttr().getAttr()))
      call->insertOperands(0, environmentOf(call));
  });
  return environment;
}

void populateEnvironmentPatterns(const LLVMTypeConverter &converter, const Environment &environment, RewritePatternSet &patterns) {
  patterns.add<LowerField<rt::RanksOp, offsetof(MoeEnvironment, ranks)>, LowerField<rt::ThreadsOp, offsetof(MoeEnvironment, threads)>,
               LowerDim, LowerTokenShare, LowerInput, LowerOutput, LowerSlot, LowerPlacement>(converter);
  patterns.add<LowerWeight<rt::WeightRefOp>, LowerWeight<rt::ExpertTableOp>, LowerInvoke>(converter, environment);
}

}  // namespace switchyard::codegen

#include "runtime/exec/collectives.h"

#include "kernels/layout/route.h"

#include <algorithm>
#include <cstring>

namespace switchyard::exec {
namespace {

namespace route = kernels::route;
using kernels::Tensor;
using Slices = std::vector<std::span<std::byte>>;

Fault internal(const llvm::Twine &message) { return Fault{internalError(message)}; }

/// Elements of a contiguous tensor; -1 where it is not one.
int64_t contiguousElements(const Tensor &tensor) {
  int64_t elements = 1;
  for (int axis = tensor.rank - 1; axis >= 0; --axis) {
    if (tensor.sizes[axis] < 0 || (tensor.sizes[axis] > 1 && tensor.strides[axis] != elements))
      return -1;
    elements *= std::max<int64_t>(tensor.sizes[axis], 1);
  }
  return std::count(tensor.sizes, tensor.sizes + tensor.rank, 0) ? 0 : elements;
}

Status checkRows(const Tensor &rows, const char *what) {
  if (rows.rank < 1 || contiguousElements(rows) < 0)
    return internalError(llvm::Twine(what) + " is not a contiguous tensor of rows");
  return Status();
}

/// Bytes of one row (one index of the first dimension).
int64_t rowBytes(const Tensor &rows) {
  int64_t bytes = kernels::elementSize(rows.type);
  for (int axis = 1; axis < rows.rank; ++axis)
    bytes *= rows.sizes[axis];
  return bytes;
}

std::span<std::byte> slice(const Tensor &rows, int64_t begin, int64_t end) {
  const int64_t bytes = rowBytes(rows);
  return {rows.as<std::byte>() + begin * bytes, static_cast<size_t>((end - begin) * bytes)};
}

Status checkRouteWords(const Tensor &tensor, int64_t words) {
  if (tensor.rank != 1 || tensor.type != kernels::ElementType::i32 || tensor.sizes[0] < words || contiguousElements(tensor) < 0)
    return internalError("a route has " + llvm::Twine(tensor.rank == 1 ? tensor.sizes[0] : -1) + " words where " + llvm::Twine(words) +
                         " are needed");
  return Status();
}

/// `begin` ascends from 0 and ends at `rows`, which the buffer can hold.
Status checkOffsets(const int32_t *begin, int64_t count, int64_t rows, int64_t bufferRows) {
  bool ascends = begin[0] == 0 && begin[count] == rows;
  for (int64_t index = 0; index < count; ++index)
    ascends &= begin[index] <= begin[index + 1];
  if (!ascends)
    return internalError("the offsets of a route do not ascend from 0 to its " + llvm::Twine(rows) + " rows");
  if (rows > bufferRows)
    return limitError("a route of " + llvm::Twine(rows) + " rows does not fit into a buffer of " + llvm::Twine(bufferRows));
  return Status();
}

}  // namespace

Collectives::Collectives(comm::Communicator &communicator, const artifact::Plan &plan, std::chrono::milliseconds timeout)
    : comm(communicator), timeout(timeout) {
  for (const artifact::LayerPlacement &placement : plan.layers)
    layers.emplace_back(placement, communicator.size());
}

Fault Collectives::perform(artifact::PhaseKind kind, int64_t layer, Tensors tensors, LayerCounts &counts) {
  if (tensors.size() != artifact::tensorCount(kind))
    return internal("collective." + artifact::phaseKindName(kind) + " has " + llvm::Twine(tensors.size()) + " tensors");
  switch (kind) {
  case artifact::PhaseKind::exchangeCounts:
    return exchangeCounts(layer, tensors, counts);
  case artifact::PhaseKind::exchangeRows:
    return exchangeRows(layer, tensors, counts);
  case artifact::PhaseKind::returnRows:
    return returnRows(layer, tensors, counts);
  case artifact::PhaseKind::allGatherTokens:
    return allGatherTokens(layer, tensors, counts);
  }
  return internal("unknown collective");
}

Fault Collectives::exchangeCounts(int64_t layer, Tensors tensors, LayerCounts &counts) {
  const LayerOwners &owners = layers[layer];
  const int64_t experts = owners.owner.size(), local = owners.experts[comm.rank()].size();
  if (Status status = checkRouteWords(tensors[0], route::headerWords + 2 * experts + 1); !status.ok())
    return Fault{status};
  if (Status status = checkRouteWords(tensors[1], route::receivedWords(experts, ranks())); !status.ok())
    return Fault{status};
  const route::Source source{tensors[0].as<int32_t>()};
  if (source.words[route::experts] != experts || source.words[route::form] != route::sourceForm)
    return internal("the source route is for " + llvm::Twine(source.words[route::experts]) + " experts, the layer has " +
                    llvm::Twine(experts));
  const int32_t *begin = source.expertBegin(), *order = source.order();
  if (Status status = checkOffsets(begin, experts, source.words[route::rows], source.words[route::capacity]); !status.ok())
    return Fault{status};

  std::vector<int32_t> out(experts), in(ranks() * local);
  for (int rank = 0; rank < ranks(); ++rank)
    for (size_t index = 0; index < owners.experts[rank].size(); ++index) {
      const int64_t position = owners.firstPosition[rank] + index;
      if (order[position] != owners.experts[rank][index])
        return internal("the source route orders the experts otherwise than the plan");
      out[position] = begin[position + 1] - begin[position];
      counts.tokensPerExpert[order[position]] += out[position];
    }
  counts.dropped += source.words[route::dropped];
  counts.rowsSent += source.words[route::rows];

  Slices send, receive;
  const auto outBytes = std::as_writable_bytes(std::span(out)), inBytes = std::as_writable_bytes(std::span(in));
  for (int rank = 0; rank < ranks(); ++rank) {
    send.push_back(outBytes.subspan(owners.firstPosition[rank] * sizeof(int32_t), owners.experts[rank].size() * sizeof(int32_t)));
    receive.push_back(inBytes.subspan(rank * local * sizeof(int32_t), local * sizeof(int32_t)));
  }
  if (Fault fault = exchange(comm::Collective::exchangeCounts, layer, send, receive, counts); !fault.ok())
    return fault;

  const route::Received received{tensors[1].as<int32_t>(), experts};
  int64_t rows = 0;
  int32_t *segment = received.segmentBegin();
  for (size_t index = 0; index < in.size(); ++index) {
    segment[index] = static_cast<int32_t>(rows);
    rows += in[index];
    if (in[index] < 0 || rows > INT32_MAX)
      return Fault{Status(ExitCode::communication,
                          "rank " + llvm::Twine(index / local) + " announces " + llvm::Twine(in[index]) + " rows for one expert")};
  }
  segment[in.size()] = static_cast<int32_t>(rows);
  const int32_t header[route::headerWords] = {static_cast<int32_t>(rows), static_cast<int32_t>(local), ranks(), 0, 0, 0, 0,
                                              route::receivedForm};
  std::memcpy(received.words, header, sizeof(header));
  std::fill_n(received.owned(), experts, -1);
  std::copy(owners.experts[comm.rank()].begin(), owners.experts[comm.rank()].end(), received.owned());
  counts.rowsReceived += rows;
  return Fault{};
}

std::vector<std::span<std::byte>> Collectives::sourceRows(int64_t layer, const Tensor &rows, const Tensor &tensor, Status &status) const {
  const LayerOwners &owners = layers[layer];
  const int64_t experts = owners.owner.size();
  const route::Source source{tensor.as<int32_t>()};
  status = checkRows(rows, "the source's buffer");
  if (status.ok())
    status = checkRouteWords(tensor, route::headerWords + experts + 1);
  if (status.ok() && source.words[route::experts] != experts)
    status = internalError("the source route is of another layer");
  if (status.ok())
    status = checkOffsets(source.expertBegin(), experts, source.words[route::rows], rows.sizes[0]);
  Slices slices;
  for (int rank = 0; status.ok() && rank < ranks(); ++rank)
    slices.push_back(slice(rows, source.expertBegin()[owners.firstPosition[rank]], source.expertBegin()[owners.firstPosition[rank + 1]]));
  return slices;
}

std::vector<std::span<std::byte>> Collectives::ownerRows(int64_t layer, const Tensor &rows, const Tensor &tensor, Status &status) const {
  const LayerOwners &owners = layers[layer];
  const int64_t experts = owners.owner.size(), local = owners.experts[comm.rank()].size();
  const route::Received received{tensor.as<int32_t>(), experts};
  status = checkRows(rows, "the owner's buffer");
  if (status.ok())
    status = checkRouteWords(tensor, route::receivedWords(experts, ranks()));
  if (status.ok() && (received.words[route::experts] != local || received.words[route::sources] != ranks()))
    status = internalError("the received route is of another layer");
  if (status.ok())
    status = checkOffsets(received.segmentBegin(), ranks() * local, received.words[route::rows], rows.sizes[0]);
  Slices slices;
  for (int rank = 0; status.ok() && rank < ranks(); ++rank)
    slices.push_back(slice(rows, received.segmentBegin()[rank * local], received.segmentBegin()[(rank + 1) * local]));
  return slices;
}

Fault Collectives::exchangeRows(int64_t layer, Tensors tensors, LayerCounts &counts) {
  Status status;
  const Slices send = sourceRows(layer, tensors[0], tensors[1], status);
  if (!status.ok())
    return Fault{status};
  const Slices receive = ownerRows(layer, tensors[3], tensors[2], status);
  if (!status.ok())
    return Fault{status};
  return exchange(comm::Collective::exchangeRows, layer, send, receive, counts);
}

Fault Collectives::returnRows(int64_t layer, Tensors tensors, LayerCounts &counts) {
  Status status;
  const Slices send = ownerRows(layer, tensors[0], tensors[1], status);
  if (!status.ok())
    return Fault{status};
  const Slices receive = sourceRows(layer, tensors[3], tensors[2], status);
  if (!status.ok())
    return Fault{status};
  return exchange(comm::Collective::returnRows, layer, send, receive, counts);
}

Fault Collectives::allGatherTokens(int64_t layer, Tensors tensors, LayerCounts &counts) {
  const Tensor &local = tensors[0], &all = tensors[1];
  for (const Tensor *tensor : {&local, &all})
    if (Status status = checkRows(*tensor, "the tokens"); !status.ok())
      return Fault{status};
  const int64_t tokens = all.sizes[0], share = (tokens + ranks() - 1) / ranks();
  const auto first = [&](int64_t rank) { return std::min(tokens, rank * share); };
  const int64_t own = first(comm.rank() + 1) - first(comm.rank());
  if (local.sizes[0] != own || rowBytes(local) != rowBytes(all))
    return internal("this rank gives " + llvm::Twine(local.sizes[0]) + " tokens of " + llvm::Twine(rowBytes(local)) + " bytes where " +
                    llvm::Twine(own) + " of " + llvm::Twine(rowBytes(all)) + " belong to it");
  Slices send(ranks(), slice(local, 0, own)), receive;
  for (int rank = 0; rank < ranks(); ++rank)
    receive.push_back(slice(all, first(rank), first(rank + 1)));
  return exchange(comm::Collective::allGatherTokens, layer, send, receive, counts);
}

Fault Collectives::exchange(comm::Collective op, int64_t layer, std::span<const std::span<std::byte>> send,
                            std::span<const std::span<std::byte>> receive, LayerCounts &counts) {
  const std::vector<comm::ConstBytes> out(send.begin(), send.end());
  for (int rank = 0; rank < ranks(); ++rank) {
    counts.bytesSent += send[rank].size();
    counts.bytesReceived += receive[rank].size();
  }
  const comm::OpTag tag{op, static_cast<int32_t>(layer), sequence++};
  if (comm::Outcome failure = comm.exchange(out, receive, tag, comm::Clock::now() + timeout))
    return faultOf(*failure);
  return Fault{};
}

Fault Collectives::gather(std::span<const int64_t> own, std::vector<int64_t> &all) {
  all.resize(own.size() * ranks());
  const comm::OpTag tag{comm::Collective::agree, -1, sequence++};
  if (comm::Outcome failure = comm.allGather(std::as_bytes(own), std::as_writable_bytes(std::span(all)), tag, comm::Clock::now() + timeout))
    return faultOf(*failure);
  return Fault{};
}

}  // namespace switchyard::exec

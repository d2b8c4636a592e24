#include "frontends/onnx/NodeOrder.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <queue>

using namespace mlir;

namespace switchyard::onnx {

namespace {

/// The names that a nested graph defines, and those of the graphs around it below the one that is being sorted.
struct LocalNames {
  const LocalNames *outer;
  llvm::StringSet<> names;

  static bool contain(const LocalNames *local, StringRef name) {
    for (; local; local = local->outer)
      if (local->names.contains(name))
        return true;
    return false;
  }
};

class NodeOrder {
public:
  explicit NodeOrder(const NodeList &nodes);

  bool isFileOrder() const;
  FailureOr<SmallVector<int>> sort(Location location) const;

private:
  void collectUses(const proto::NodeProto &node, const LocalNames *local, int user);
  void collectGraphUses(const proto::GraphProto &graph, const LocalNames *outer, int user);
  LogicalResult reportCycle(ArrayRef<int> waitingFor, Location location) const;
  std::string describe(int index) const;

  const NodeList &nodes;
  llvm::StringMap<int> producers;
  std::vector<SmallVector<int, 4>> dependencies;  // of each node: the nodes that it needs, without repetition
};

NodeOrder::NodeOrder(const NodeList &nodes) : nodes(nodes), dependencies(nodes.size()) {
  for (int index = 0; index < nodes.size(); ++index)
    for (const std::string &name : nodes[index].output())
      if (!name.empty())
        producers.try_emplace(name, index);
  for (int index = 0; index < nodes.size(); ++index) {
    collectUses(nodes[index], nullptr, index);
    llvm::sort(dependencies[index]);
    dependencies[index].erase(llvm::unique(dependencies[index]), dependencies[index].end());
  }
}

void NodeOrder::collectUses(const proto::NodeProto &node, const LocalNames *local, int user) {
  for (const std::string &name : node.input())
    if (auto found = producers.find(name); found != producers.end() && !LocalNames::contain(local, name))
      dependencies[user].push_back(found->second);
  for (const auto &attribute : node.attribute())
    if (attribute.has_g())
      collectGraphUses(attribute.g(), local, user);
}

/// Names that a nested graph uses and does not define come from the graphs around it.
void NodeOrder::collectGraphUses(const proto::GraphProto &graph, const LocalNames *outer, int user) {
  LocalNames local{outer, {}};
  for (const auto &input : graph.input())
    local.names.insert(input.name());
  for (const auto &tensor : graph.initializer())
    local.names.insert(tensor.name());
  for (const auto &node : graph.node())
    for (const std::string &name : node.output())
      local.names.insert(name);
  for (const auto &node : graph.node())
    collectUses(node, &local, user);
  for (const auto &output : graph.output())
    if (auto found = producers.find(output.name()); found != producers.end() && !LocalNames::contain(&local, output.name()))
      dependencies[user].push_back(found->second);
}

bool NodeOrder::isFileOrder() const {
  for (int index = 0; index < nodes.size(); ++index)
    for (int needed : dependencies[index])
      if (needed >= index)
        return false;
  return true;
}

FailureOr<SmallVector<int>> NodeOrder::sort(Location location) const {
  std::vector<SmallVector<int, 2>> users(nodes.size());
  SmallVector<int> waitingFor(nodes.size());
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (int index = 0; index < nodes.size(); ++index) {
    waitingFor[index] = dependencies[index].size();
    for (int needed : dependencies[index])
      users[needed].push_back(index);
    if (waitingFor[index] == 0)
      ready.push(index);
  }
  SmallVector<int> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (int user : users[order.back()])
      if (--waitingFor[user] == 0)
        ready.push(user);
  }
  if (static_cast<int>(order.size()) == nodes.size())
    return order;
  return reportCycle(waitingFor, location);
}

/// Every node that still waits needs another one that waits, so that following them must come back to one seen before.
LogicalResult NodeOrder::reportCycle(ArrayRef<int> waitingFor, Location location) const {
  constexpr size_t maxShown = 6;
  auto waits = [&](int index) { return waitingFor[index] > 0; };
  SmallVector<int> path = {static_cast<int>(llvm::find_if(waitingFor, [](int count) { return count > 0; }) - waitingFor.begin())};
  llvm::DenseSet<int> seen = {path.front()};
  int next = path.front();
  do {
    next = *llvm::find_if(dependencies[path.back()], waits);
    path.push_back(next);
  } while (seen.insert(next).second);
  ArrayRef<int> cycle = ArrayRef<int>(path).drop_until([&](int index) { return index == next; });
  InFlightDiagnostic error = emitError(location) << "the graph has a cycle, so that no order of its nodes is topological: ";
  for (int index : cycle.drop_back().take_front(maxShown))
    error << describe(index) << " needs ";
  if (cycle.size() - 1 > maxShown)
    error << "(" << cycle.size() - 1 - maxShown << " more) needs ";
  error << describe(cycle.back());
  return error;
}

std::string NodeOrder::describe(int index) const {
  const auto &node = nodes[index];
  std::string name = node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  return "'" + name + "' (" + node.op_type() + ")";
}

}  // namespace

FailureOr<SmallVector<int>> orderNodes(const NodeList &nodes, Location location) {
  NodeOrder order(nodes);
  if (order.isFileOrder())
    return llvm::to_vector(llvm::seq(nodes.size()));
  return order.sort(location);
}

}  // namespace switchyard::onnx

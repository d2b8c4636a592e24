import torch


class Expert(torch.nn.Module):
    def __init__(self, hidden, inner):
        super().__init__()
        self.gate = torch.nn.Linear(hidden, inner, bias=False)
        self.up = torch.nn.Linear(hidden, inner, bias=False)
        self.down = torch.nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        return self.down(torch.nn.functional.silu(self.gate(x)) * self.up(x))


class MoeLayer(torch.nn.Module):
    def __init__(self, hidden=32, inner=48, experts=8, slots=2):
        super().__init__()
        self.slots = slots
        self.router = torch.nn.Linear(hidden, experts, bias=False)
        self.experts = torch.nn.ModuleList(Expert(hidden, inner) for _ in range(experts))

    def forward(self, x):
        tokens = x.reshape(-1, x.shape[-1])
        weights, ids = self.router(tokens).softmax(-1).topk(self.slots, -1)
        weights = weights / weights.sum(-1, keepdim=True)
        result = torch.zeros_like(tokens)
        for number, expert in enumerate(self.experts):
            token, slot = torch.where(ids == number)
            result.index_add_(0, token, expert(tokens[token]) * weights[token, slot, None])
        return result.reshape(x.shape)


if __name__ == "__main__":
    torch.manual_seed(1)
    layer, x = MoeLayer().eval(), torch.randn(2, 5, 32)
    sizes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")}
    torch.onnx.export(layer, (x,), "layer.onnx", dynamo=True, input_names=["x"], output_names=["y"], dynamic_shapes=(sizes,), external_data=False)

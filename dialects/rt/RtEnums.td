#ifndef SWITCHYARD_DIALECTS_RT_ENUMS_TD
#define SWITCHYARD_DIALECTS_RT_ENUMS_TD

include "RtDialect.td"

class Rt_Enum<string name, string text, list<I32EnumAttrCase> cases> : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::switchyard::rt";
  let genSpecializedAttr = 0;
}

def Rt_Encoding : Rt_Enum<"Encoding", "how the bytes of a source are to be read", [
  I32EnumAttrCase<"raw", 0>,          // little-endian elements
  I32EnumAttrCase<"varint", 1>        // protobuf packed varints (int32_data, int64_data)
]>;

def Rt_StepKind : Rt_Enum<"StepKind", "a byte-moving step of a recipe", [
  I32EnumAttrCase<"reshape", 0>, I32EnumAttrCase<"transpose", 1>, I32EnumAttrCase<"slice", 2>,
  I32EnumAttrCase<"concat", 3>, I32EnumAttrCase<"stack", 4>, I32EnumAttrCase<"gather", 5>,
  I32EnumAttrCase<"broadcast", 6>, I32EnumAttrCase<"cast", 7>, I32EnumAttrCase<"pack_panels", 8>,
  I32EnumAttrCase<"unpack", 9>, I32EnumAttrCase<"dequantise", 10>
]>;

def Rt_ElementaryFunction : Rt_Enum<"ElementaryFunction", "a function of kernels/support", [
  I32EnumAttrCase<"exp", 0>, I32EnumAttrCase<"expm1", 1>, I32EnumAttrCase<"log", 2>, I32EnumAttrCase<"log1p", 3>,
  I32EnumAttrCase<"tanh", 4>, I32EnumAttrCase<"erf", 5>, I32EnumAttrCase<"sin", 6>, I32EnumAttrCase<"cos", 7>,
  I32EnumAttrCase<"pow", 8>
]>;

#endif

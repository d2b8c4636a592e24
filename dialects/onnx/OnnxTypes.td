#ifndef SWITCHYARD_DIALECTS_ONNX_TYPES_TD
#define SWITCHYARD_DIALECTS_ONNX_TYPES_TD

include "OnnxDialect.td"

class Onnx_Type<string name, string typeMnemonic> : TypeDef<OnnxDialect, name> {
  let mnemonic = typeMnemonic;
}

def Onnx_UnknownType : Onnx_Type<"Unknown", "unknown"> {
  let summary = "a value of which the file states no type";
  let description = [{
    Most exporters state a type for every value; post-processed files state none. The raise phase infers it.
  }];
}

def Onnx_NoneType : Onnx_Type<"None", "none"> {
  let summary = "the type of a missing optional operand or unused optional result";
}

def Onnx_OpaqueType : Onnx_Type<"Opaque", "opaque"> {
  let summary = "a type that tensors cannot express: sequence, optional, map, string tensor";
  let parameters = (ins StringRefParameter<"as ONNX writes it, for example seq(tensor(float))">:$text);
  let assemblyFormat = "`<` $text `>`";
}

#endif

// QuickJS, with functions more that have to know its insides.
#include "immortal.h"

#include <quickjs.c>

static void keep(JSRefCountHeader* header) {
  header->ref_count = IMMORTAL_REFERENCES;
}

/** Strings and numbers are known to nobody but those who refer to them; objects are in the list of all. */
static void keep_value(JSValueConst value) {
  if (JS_VALUE_HAS_REF_COUNT(value)) keep(JS_VALUE_GET_PTR(value));
}

static void keep_map(JSObject* object) {
  struct list_head* entry;
  list_for_each(entry, &object->u.map_state->records) {
    JSMapRecord* record = list_entry(entry, JSMapRecord, link);
    keep_value(record->key);
    keep_value(record->value);
  }
}

/** Built-in functions are made when they are first asked for, which would change objects of the image. */
static void make_built_ins(JSContext* context, JSObject* object) {
  for (int i = 0; i < object->shape->prop_count; i++) {
    JSShapeProperty* shape = &get_shape_prop(object->shape)[i];
    JSProperty* property = &object->prop[i];
    if (shape->atom == JS_ATOM_NULL || (shape->flags & JS_PROP_TMASK) != JS_PROP_AUTOINIT) continue;
    if (js_autoinit_get_id(property) == JS_AUTOINIT_ID_PROP)
      JS_AutoInitProperty(context, object, shape->atom, property, shape);
  }
}

static void keep_object(JSObject* object) {
  JSShapeProperty* shape = get_shape_prop(object->shape);
  for (int i = 0; i < object->shape->prop_count; i++, shape++)
    if (shape->atom != JS_ATOM_NULL && (shape->flags & JS_PROP_TMASK) == 0) keep_value(object->prop[i].u.value);
  if (object->fast_array && (object->class_id == JS_CLASS_ARRAY || object->class_id == JS_CLASS_ARGUMENTS))
    for (uint32_t i = 0; i < object->u.array.count; i++) keep_value(object->u.array.u.values[i]);
  if (object->class_id == JS_CLASS_MAP || object->class_id == JS_CLASS_SET) keep_map(object);
  if (object->class_id == JS_CLASS_REGEXP) {
    keep(&object->u.regexp.pattern->header);
    keep(&object->u.regexp.bytecode->header);
  }
}

static void keep_constants(JSFunctionBytecode* function) {
  for (int i = 0; i < function->cpool_count; i++) keep_value(function->cpool[i]);
}

void forget_process(JSContext* context) {
  JSRuntime* runtime = JS_GetRuntime(context);
  runtime->stack_size = runtime->stack_top = runtime->stack_limit = 0;
}

void make_immortal(JSContext* context) {
  JSRuntime* runtime = JS_GetRuntime(context);
  struct list_head* entry;
  // What this makes is put at the end of the same list.
  list_for_each(entry, &runtime->gc_obj_list) {
    JSGCObjectHeader* header = list_entry(entry, JSGCObjectHeader, link);
    if (header->gc_obj_type == JS_GC_OBJ_TYPE_JS_OBJECT) make_built_ins(context, (JSObject*)header);
  }
  list_for_each(entry, &runtime->gc_obj_list) {
    JSGCObjectHeader* header = list_entry(entry, JSGCObjectHeader, link);
    if (header->gc_obj_type == JS_GC_OBJ_TYPE_JS_OBJECT) keep_object((JSObject*)header);
    if (header->gc_obj_type == JS_GC_OBJ_TYPE_FUNCTION_BYTECODE) keep_constants((JSFunctionBytecode*)header);
    if (header->gc_obj_type == JS_GC_OBJ_TYPE_VAR_REF) keep_value(*((JSVarRef*)header)->pvalue);
    header->ref_count = IMMORTAL_REFERENCES;
  }
  for (int i = 0; i < runtime->atom_size; i++)
    if (!atom_is_free(runtime->atom_array[i])) keep(&runtime->atom_array[i]->header);
}

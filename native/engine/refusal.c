#include "refusal.h"

#include <stdio.h>

JSContext* refusing = NULL;
int refusals = 0;

/** Of the function that called the one that asks. */
static void tell(const char* what) {
  // A function of the addon has no frame of its own.
  JSAtom module = JS_GetScriptOrModuleName(refusing, 0);
  if (module == JS_ATOM_NULL) module = JS_GetScriptOrModuleName(refusing, 1);
  const char* name = module == JS_ATOM_NULL ? NULL : JS_AtomToCString(refusing, module);
  fprintf(stderr, "%s asks for %s while the image is made\n", name == NULL ? "a module" : name, what);
  JS_FreeCString(refusing, name);
  JS_FreeAtom(refusing, module);
}

int refuse(const char* what) {
  refusals++;
  tell(what);
  JS_ThrowInternalError(refusing, "%s cannot be asked for while the image is made", what);
  return 1;
}

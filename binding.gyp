{
  'variables': {
    # Flags of the program `init`: no C library, nothing that needs run-time support. No stack protector: there is no thread block for its
    # canary. Characters are signed on every processor. No relro: nothing in it is relocated, and a segment more is a call more in every container.
    'init_flags': [
      '-std=c++20', '-Os', '-fsigned-char', '<!@(node scripts/warnings.js)',
      '-ffreestanding', '-nostdlib', '-fno-exceptions', '-fno-rtti', '-fno-stack-protector', '-fno-pic',
      '-fno-asynchronous-unwind-tables', '-fno-threadsafe-statics', '-fcf-protection=none', '-ffunction-sections',
      '-static', '-no-pie', '-s',
      '-Wl,--gc-sections', '-Wl,--build-id=none', '-Wl,-z,noexecstack', '-Wl,-z,norelro',
    ],
    'init_sources': ['<!@(node scripts/cpp-sources.js init)'],
    'init_headers': ['<!@(node scripts/cpp-sources.js init-headers)'],
  },
  'targets': [
    {
      # An action and no executable target: the flags that node-gyp gives to every target are meant for addons.
      'target_name': 'init',
      'type': 'none',
      'actions': [
        {
          'action_name': 'link',
          'inputs': ['binding.gyp', '<@(init_sources)', '<@(init_headers)'],
          'outputs': ['<(PRODUCT_DIR)/init'],
          'action': ['$(CXX)', '<@(init_flags)', '<@(init_sources)', '-o', '<(PRODUCT_DIR)/init'],
          'message': 'Building the freestanding program init',
        },
      ],
    },
    {
      'target_name': 'runts',
      'dependencies': ['init'],
      'sources': ['<!@(node scripts/cpp-sources.js addon)'],
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      # A thread of the library may be ended in the midst of a call: what it then has to throw is nobody's to catch.
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
      # No entry of `defines`: there the name of the build folder, a variable of make, would not be expanded.
      'cflags': ['-DINIT_IMAGE="<(PRODUCT_DIR)/init"'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17'],
      'cflags_cc': [
        '-std=c++20', '-fsigned-char', '-fexceptions', '-fvisibility=hidden', '<!@(node scripts/warnings.js)',
        '-fstack-protector-strong', '-D_GLIBCXX_ASSERTIONS',
      ],
      # The engines are linked without libstdc++.so or with another one: loading it here would cost a millisecond.
      'ldflags': ['-static-libstdc++', '-static-libgcc', '-Wl,--exclude-libs,ALL', '-Wl,-z,now,-z,relro,-z,noexecstack'],
      'actions': [
        {
          # The copy is newer than init, so that the image in the addon never is older than the program.
          'action_name': 'init_image',
          'inputs': ['native/addon/init_image.S', '<(PRODUCT_DIR)/init'],
          'outputs': ['<(INTERMEDIATE_DIR)/init_image.S'],
          'action': ['cp', 'native/addon/init_image.S', '<(INTERMEDIATE_DIR)/init_image.S'],
          'process_outputs_as_sources': 1,
        },
      ],
    },
  ],
}

// Runs in the executable's engine under the sanitizers: what scripts/quickjs-changes.js mends.
const { engine } = globalThis;

function check(what, found, expected) {
  if (found === expected) return;
  engine.writeError(`${what}: ${String(found).slice(0, 200)}, not ${String(expected).slice(0, 200)}\n`);
  engine.addon.exit(1);
}

/** Every length of limbs, with the highest bit set, and its neighbours. */
function numbers() {
  for (let limbs = 1n; limbs <= 5n; limbs++) {
    const most = 1n << (64n * limbs);
    for (const number of [most - 1n, most, most + 1n, most / 2n, most / 2n - 1n]) {
      for (const radix of [2, 3, 8, 10, 16, 32, 36]) {
        let [rest, digits] = [number, ''];
        for (; rest > 0n; rest /= BigInt(radix)) digits = Number(rest % BigInt(radix)).toString(radix) + digits;
        check(`${limbs} limbs in base ${radix}`, number.toString(radix), digits);
        check(`its opposite in base ${radix}`, (-number).toString(radix), `-${digits}`);
      }
      check('what was written is read again', BigInt(number.toString()), number);
      check('in base 16', BigInt(`0x${number.toString(16)}`), number);
    }
  }
}

/** More digits than bits can be counted in 32 bits. */
function tooLong() {
  for (const text of ['9'.repeat(2 << 20), '1'.repeat(100_000_000)]) {
    let refused = false;
    try {
      BigInt(text);
    } catch {
      refused = true;
    }
    check(`a number of ${text.length} digits is refused`, refused, true);
  }
}

/** A variable of a function, changed while what is appended to it becomes text. */
function append() {
  let text = 'a';
  const odd = {
    toString() {
      text = 7;
      return 'b';
    },
  };
  text += odd;
  check('text appended to', text, 'ab');
}

engine.start = async () => {
  numbers();
  tooLong();
  append();
  engine.addon.exit(0);
};

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of RFC 4648 with padding: the engines share no function for it. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(index, index + 3);
    const group = (first << 16) | (second << 8) | third;
    const four = [18, 12, 6, 0].map((shift) => digits[(group >> shift) & 63]).join('');
    const missing = Math.max(0, index + 3 - bytes.length);
    text += four.slice(0, 4 - missing) + '='.repeat(missing);
  }
  return text;
}

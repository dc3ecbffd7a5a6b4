// TOML as the hub's configuration needs it: JSON's texts, numbers, booleans and lists are TOML's.

/** An object as a TOML document; objects in it become tables. */
export function toml(object, path = []) {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const isTable = ([, value]) => typeof value === 'object' && !Array.isArray(value);
  const plain = entries.filter((entry) => !isTable(entry));
  const lines = plain.map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`);
  const tables = entries.filter(isTable).map(([key, value]) => {
    const here = [...path, JSON.stringify(key)];
    return `\n[${here.join('.')}]\n${toml(value, here)}`;
  });
  return [...lines, ...tables].join('\n');
}

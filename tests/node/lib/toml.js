// TOML as the hub's configuration needs it: JSON's texts, numbers, booleans and lists are TOML's.

/** An object as a TOML document; objects in it become tables, lists of objects tables in a row. */
export function toml(object, path = []) {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const isTable = (value) => typeof value === 'object' && !Array.isArray(value);
  const inRow = (value) => Array.isArray(value) && value.length > 0 && value.every(isTable);
  const plain = entries.filter(([, value]) => !isTable(value) && !inRow(value));
  const lines = plain.map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`);
  const tables = entries.flatMap(([key, value]) => {
    const here = [...path, JSON.stringify(key)];
    if (isTable(value)) return [`\n[${here.join('.')}]\n${toml(value, here)}`];
    if (inRow(value)) return value.map((one) => `\n[[${here.join('.')}]]\n${toml(one, here)}`);
    return [];
  });
  return [...lines, ...tables].join('\n');
}

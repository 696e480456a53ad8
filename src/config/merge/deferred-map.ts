/**
 * A map with values that are computed when they are first read: a run uses few of the sections of a large
 * configuration.
 */
export class DeferredMap<Value> extends Map<string, Value> {
  private readonly deferred = new Map<string, () => Value>();

  defer(key: string, compute: () => Value): this {
    this.deferred.set(key, compute);
    // Its place in the order of keys.
    return super.set(key, undefined as Value);
  }

  isDeferred(key: string): boolean {
    return this.deferred.has(key);
  }

  override get(key: string): Value | undefined {
    const compute = this.deferred.get(key);
    if (compute === undefined) return super.get(key);
    const value = compute();
    this.set(key, value);
    return value;
  }

  override set(key: string, value: Value): this {
    this.deferred.delete(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    this.deferred.delete(key);
    return super.delete(key);
  }

  override clear(): void {
    this.deferred.clear();
    super.clear();
  }

  private computeAll(): void {
    for (const key of this.deferred.keys()) this.get(key);
  }

  override forEach(
    action: (value: Value, key: string, map: Map<string, Value>) => void,
    thisArg?: unknown,
  ): void {
    this.computeAll();
    super.forEach(action, thisArg);
  }

  override values(): MapIterator<Value> {
    this.computeAll();
    return super.values();
  }

  override entries(): MapIterator<[string, Value]> {
    this.computeAll();
    return super.entries();
  }

  override [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }
}

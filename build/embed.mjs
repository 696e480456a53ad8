// Files that become part of a program as text: the Python and shell programs that it hands on.
export const textLoaders = { ".py": "text", ".sh": "text" };

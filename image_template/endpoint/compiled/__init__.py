"""Models compiled to NumPy: what scikit-learn computes, without scikit-learn, scipy and pandas.

A compiled model is a tree of nodes. A node has the name and the methods of the scikit-learn class
that it replaces, and does the same operations in the same order. `mldeploy/model/compiled` makes
the nodes of a fitted estimator, in modules with the same names, and proves that both predict the
same before a bundle contains them.

The file is a safetensors file (https://huggingface.co/docs/safetensors): eight bytes with the
length of the header, the header as JSON, and the arrays. Its metadata has the key "nodes", the
tree as JSON. In the tree:

    {"node": "linear.LogisticRegression", "with": {...}}   the class, and its arguments
    {"array": "7"}                                         an array of the file
    {"transposed": "7"}                                    the transpose of one
    {"texts": [...]}                                       an array of str
    {"objects": [...]}                                     an array of Python values

A table is an array of shape (rows, columns), a `Frame`, or a 1-d array of texts.
"""

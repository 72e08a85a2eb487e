const express = require('express');
const app = express();
app.get('/stock/:id', (req, res) => res.json({ id: req.params.id, left: 3 }));
app.listen(8081);
